import { ClientSecretBasic, ClientSecretPost } from 'oauth4webapi'

import { dashboard, mobile, nightly, refusal } from '../application.js'

async function isActive(application, ...tokens) {
  const answers = await Promise.all(tokens.map((token) => application.introspect(token)))
  return answers.map(({ active }) => active)
}

export async function revoked_refresh_token(site) {
  const application = await dashboard(site)
  const { access_token, refresh_token } = await application.connect()
  await application.revoke(refresh_token)
  return await isActive(application, access_token, refresh_token)
}

export async function revoked_access_token(site) {
  const application = await dashboard(site, ClientSecretBasic)
  const { access_token, refresh_token } = await application.connect()
  await application.revoke(access_token)
  return await isActive(application, access_token, refresh_token)
}

export async function revoked_by_a_public_application(site) {
  const application = await mobile(site)
  const tokens = await application.connect()
  await application.revoke(tokens.refresh_token)
  return await refusal(application.refresh(tokens))
}

export async function revoked_by_another_application(site) {
  const application = await dashboard(site)
  const tokens = await application.connect()
  await (await nightly(site)).revoke(tokens.refresh_token)
  return await isActive(application, tokens.access_token, tokens.refresh_token)
}

export async function revoked_nonsense(site) {
  return { answer: (await (await dashboard(site)).revoke('nonsense')) ?? 'ok' }
}

export async function revoked_with_a_wrong_secret(site) {
  const application = await dashboard(site)
  return await refusal(application.presenting(ClientSecretPost('wrong')).revoke('nonsense'))
}
