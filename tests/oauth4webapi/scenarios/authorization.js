import { dashboard, mobile, refusal } from '../application.js'

export async function allowed(site) {
  return { has_code: (await (await dashboard(site)).authorize()).has('code') }
}

export async function allowed_before(site) {
  const application = await dashboard(site)
  await application.authorize()
  return { has_code: (await application.authorize({ button: null, prompt: 'none' })).has('code') }
}

export async function denied(site) {
  return await refusal((await dashboard(site)).authorize({ button: 'Deny' }))
}

export async function unknown_scope(site) {
  return await refusal((await dashboard(site)).authorize({ scope: 'everything' }))
}

export async function silently(site) {
  return await refusal((await dashboard(site)).authorize({ button: null, prompt: 'none' }))
}

export async function public_without_pkce(site) {
  return await refusal((await mobile(site)).authorize({ pkce: false }))
}
