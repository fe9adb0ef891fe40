import { ClientSecretPost } from 'oauth4webapi'

import { dashboard, mobile, refusal, summary } from '../application.js'

async function refreshAndCall(application) {
  const first = await application.connect()
  const second = await application.refresh(first)
  return {
    ...summary(second),
    is_new: first.access_token !== second.access_token && first.refresh_token !== second.refresh_token,
    status: await application.call(second),
    status_before: (await refusal(application.call(first))).status,
  }
}

export async function refreshed(site) {
  return await refreshAndCall(await dashboard(site))
}

export async function refreshed_public_application(site) {
  return await refreshAndCall(await mobile(site))
}

export async function refreshed_for_less(site) {
  const application = await dashboard(site)
  const narrow = await application.refresh(await application.connect(), { scope: 'account:read' })
  return { less: narrow.scope, whole_again: (await application.refresh(narrow)).scope }
}

export async function refreshed_for_more(site) {
  const application = await dashboard(site)
  const tokens = await application.connect({ scope: 'account:read' })
  return await refusal(application.refresh(tokens, { scope: 'account:read request:read' }))
}

export async function refreshed_twice(site) {
  const application = await dashboard(site)
  const tokens = await application.connect()
  await application.refresh(tokens)
  return await refusal(application.refresh(tokens))
}

export async function refreshed_with_a_wrong_secret(site) {
  const application = await dashboard(site)
  const tokens = await application.connect()
  return await refusal(application.presenting(ClientSecretPost('wrong')).refresh(tokens))
}

export async function refreshed_after_revoking_on_access_and_security(site) {
  const application = await dashboard(site)
  const tokens = await application.connect()
  await site.browser({ revoke: 'Acme Dashboard', user: 'specialist' })
  return { ...(await refusal(application.refresh(tokens))), call: (await refusal(application.call(tokens))).status }
}
