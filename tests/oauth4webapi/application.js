// A third-party application. It knows the service's address and its own credentials; it discovers the rest.

import * as oauth from 'oauth4webapi'

// The service is on loopback.
const insecure = { [oauth.allowInsecureRequests]: true }

const REDIRECT_URIS = { dashboard: 'https://dashboard.example/callback', mobile: 'com.example.acme:/callback' }

export const baseUrl = ({ service }) => new URL(service.base_url)
export const apiUrl = ({ service }, endpoint) => new URL(service.endpoints[endpoint], service.base_url)

export async function discover(issuer) {
  const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  return await oauth.processDiscoveryResponse(issuer, response)
}

export async function discoverResource(identifier) {
  const response = await oauth.resourceDiscoveryRequest(identifier, insecure)
  return await oauth.processResourceDiscoveryResponse(identifier, response)
}

export async function callApi(url, accessToken, method = 'GET') {
  return await oauth.protectedResourceRequest(accessToken, method, url, undefined, undefined, insecure)
}

/** A token response without its credentials. */
export const summary = ({ access_token, refresh_token, ...rest }) => ({
  ...rest,
  access_token: typeof access_token,
  refresh_token: typeof refresh_token,
})

/** What the library reports of a request that must be refused. */
export async function refusal(request) {
  try {
    await request
  } catch (fault) {
    return await described(fault)
  }
  throw new Error('This was not refused.')
}

async function described(fault) {
  switch (fault.code) {
    case oauth.AUTHORIZATION_RESPONSE_ERROR:
      return { error: fault.error }
    case oauth.RESPONSE_BODY_ERROR:
      return { status: fault.status, error: fault.error }
    case oauth.WWW_AUTHENTICATE_CHALLENGE:
      return { status: fault.status, challenges: fault.cause, body: await fault.response.json() }
    default:
      throw fault
  }
}

export class Application {
  constructor({ service, browser }, name, authentication = oauth.ClientSecretPost) {
    const { client_id, client_secret } = service.applications[name]
    this.service = service
    this.browser = browser
    this.client = { client_id }
    this.redirectUri = REDIRECT_URIS[name]
    this.authentication = client_secret === null ? oauth.None() : authentication(client_secret)
  }

  async discover() {
    this.server = await discover(new URL(this.service.base_url))
    return this
  }

  /** The same application with other credentials. */
  presenting(authentication) {
    this.authentication = authentication
    return this
  }

  // In the browser

  async authorize({ button = 'Allow', user = 'specialist', pkce = true, ...parameters } = {}) {
    this.verifier = pkce ? oauth.generateRandomCodeVerifier() : oauth.nopkce
    const state = oauth.generateRandomState()
    const url = await this.link({ state, ...parameters })
    const { arrived } = await this.browser({ authorize: url, user, button })
    return oauth.validateAuthResponse(this.server, this.client, new URL(arrived), state)
  }

  async link(parameters) {
    const url = new URL(this.server.authorization_endpoint)
    const values = {
      client_id: this.client.client_id,
      redirect_uri: this.redirectUri,
      response_type: 'code',
      ...(await this.challenge()),
      ...parameters,
    }
    Object.entries(values).forEach(([name, value]) => url.searchParams.set(name, value))
    return url.href
  }

  async challenge() {
    if (this.verifier === oauth.nopkce) return {}
    return {
      code_challenge: await oauth.calculatePKCECodeChallenge(this.verifier),
      code_challenge_method: 'S256',
    }
  }

  // At the token endpoint

  async exchange(answer, { verifier = this.verifier, redirectUri = this.redirectUri } = {}) {
    const { server, client, authentication } = this
    const response = await oauth.authorizationCodeGrantRequest(
      server, client, authentication, answer, redirectUri, verifier, insecure,
    )
    return await oauth.processAuthorizationCodeResponse(server, client, response)
  }

  async connect(parameters) {
    return await this.exchange(await this.authorize(parameters))
  }

  async refresh(tokens, additionalParameters = {}) {
    const { server, client, authentication } = this
    const response = await oauth.refreshTokenGrantRequest(
      server, client, authentication, tokens.refresh_token, { additionalParameters, ...insecure },
    )
    return await oauth.processRefreshTokenResponse(server, client, response)
  }

  async useOwnCredentials(parameters = {}) {
    const { server, client, authentication } = this
    const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, insecure)
    return await oauth.processClientCredentialsResponse(server, client, response)
  }

  // About a token

  async introspect(token) {
    const { server, client, authentication } = this
    const response = await oauth.introspectionRequest(server, client, authentication, token, insecure)
    return await oauth.processIntrospectionResponse(server, client, response)
  }

  async revoke(token) {
    const { server, client, authentication } = this
    const response = await oauth.revocationRequest(server, client, authentication, token, insecure)
    await oauth.processRevocationResponse(response)
  }

  async call(tokens, endpoint = 'api_me', method = 'GET') {
    return (await callApi(apiUrl(this, endpoint), tokens.access_token, method)).status
  }
}

export const dashboard = (site, authentication) => new Application(site, 'dashboard', authentication).discover()
export const mobile = (site) => new Application(site, 'mobile').discover()
export const nightly = (site) => new Application(site, 'nightly').discover()
