import { ClientSecretPost } from 'oauth4webapi'

import { dashboard, nightly, refusal, summary } from '../application.js'

export async function own_credentials(site) {
  const application = await nightly(site)
  const tokens = await application.useOwnCredentials()
  return { ...summary(tokens), status: await application.call(tokens) }
}

export async function own_credentials_for_some_scopes(site) {
  return summary(await (await nightly(site)).useOwnCredentials({ scope: 'account:read' }))
}

export async function own_credentials_of_another_kind_of_application(site) {
  return await refusal((await dashboard(site)).useOwnCredentials())
}

export async function own_credentials_with_a_wrong_secret(site) {
  const application = await nightly(site)
  return await refusal(application.presenting(ClientSecretPost('wrong')).useOwnCredentials())
}
