import { ClientSecretBasic, ClientSecretPost, nopkce } from 'oauth4webapi'

import { dashboard, mobile, refusal, summary } from '../application.js'

async function connectAndCall(application) {
  const tokens = await application.connect()
  return { ...summary(tokens), status: await application.call(tokens) }
}

export async function secret_in_the_body(site) {
  return await connectAndCall(await dashboard(site, ClientSecretPost))
}

export async function secret_in_the_header(site) {
  return await connectAndCall(await dashboard(site, ClientSecretBasic))
}

export async function public_application(site) {
  return await connectAndCall(await mobile(site))
}

export async function some_scopes(site) {
  return summary(await (await dashboard(site)).connect({ scope: 'account:read' }))
}

export async function wrong_verifier(site) {
  const application = await dashboard(site)
  return await refusal(application.exchange(await application.authorize(), { verifier: 'w'.repeat(43) }))
}

export async function missing_verifier(site) {
  const application = await dashboard(site)
  return await refusal(application.exchange(await application.authorize(), { verifier: nopkce }))
}

export async function verifier_without_challenge(site) {
  const application = await dashboard(site)
  const answer = await application.authorize({ pkce: false })
  return await refusal(application.exchange(answer, { verifier: 'v'.repeat(43) }))
}

export async function other_redirect_uri(site) {
  const application = await dashboard(site)
  const answer = await application.authorize()
  return await refusal(application.exchange(answer, { redirectUri: 'https://dashboard.example/other' }))
}

export async function wrong_secret_in_the_body(site) {
  const application = await dashboard(site)
  const answer = await application.authorize()
  return await refusal(application.presenting(ClientSecretPost('wrong')).exchange(answer))
}

export async function wrong_secret_in_the_header(site) {
  const application = await dashboard(site)
  const answer = await application.authorize()
  return await refusal(application.presenting(ClientSecretBasic('wrong')).exchange(answer))
}

export async function public_application_with_a_secret(site) {
  const application = await mobile(site)
  const answer = await application.authorize()
  return await refusal(application.presenting(ClientSecretPost('invented')).exchange(answer))
}

export async function code_of_another_application(site) {
  const application = await mobile(site)
  const answer = await application.authorize()
  const other = await dashboard(site)
  return await refusal(other.exchange(answer, { verifier: application.verifier }))
}

export async function code_used_twice(site) {
  const application = await dashboard(site)
  const answer = await application.authorize()
  const tokens = await application.exchange(answer)
  return { ...(await refusal(application.exchange(answer))), call: (await refusal(application.call(tokens))).status }
}
