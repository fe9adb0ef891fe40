import { baseUrl, apiUrl, callApi, discover, discoverResource, refusal } from '../application.js'

export async function authorization_server(site) {
  return await discover(baseUrl(site))
}

export async function protected_resource(site) {
  return await discoverResource(baseUrl(site))
}

export async function from_a_challenge(site) {
  const { challenges } = await refusal(callApi(apiUrl(site, 'api_me'), 'nonsense'))
  const { origin } = new URL(challenges[0].parameters.resource_metadata)
  const { authorization_servers } = await discoverResource(new URL(origin))
  return await discover(new URL(authorization_servers[0]))
}
