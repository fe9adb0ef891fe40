import { apiUrl, callApi, dashboard, refusal } from '../application.js'

export async function called_with_nonsense(site) {
  return await refusal(callApi(apiUrl(site, 'api_me'), 'nonsense'))
}

export async function called_without_the_scope(site) {
  const application = await dashboard(site)
  const tokens = await application.connect({ scope: 'account:read' })
  return await refusal(application.call(tokens, 'api_requests', 'POST'))
}

export async function called_without_the_role(site) {
  const application = await dashboard(site)
  const tokens = await application.connect({ user: 'end_user' })
  return { scope: tokens.scope, ...(await refusal(application.call(tokens, 'api_people'))) }
}
