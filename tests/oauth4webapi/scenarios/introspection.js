import { ClientSecretBasic } from 'oauth4webapi'

import { dashboard, mobile, nightly, refusal } from '../application.js'

export async function introspected(site) {
  const application = await dashboard(site, ClientSecretBasic)
  const { access_token, refresh_token } = await application.connect()
  return { access: await application.introspect(access_token), refresh: await application.introspect(refresh_token) }
}

export async function introspected_nonsense(site) {
  return await (await dashboard(site)).introspect('nonsense')
}

export async function introspected_by_another_application(site) {
  const { access_token } = await (await dashboard(site)).connect()
  return await (await nightly(site)).introspect(access_token)
}

export async function introspected_by_a_public_application(site) {
  const application = await mobile(site)
  return await refusal(application.introspect((await application.connect()).access_token))
}
