// What a third-party application lives through, by name. Each returns what the test looks at, and no credentials.

import * as api from './scenarios/api.js'
import * as authorization from './scenarios/authorization.js'
import * as discovery from './scenarios/discovery.js'
import * as exchange from './scenarios/exchange.js'
import * as introspection from './scenarios/introspection.js'
import * as ownCredentials from './scenarios/own_credentials.js'
import * as refresh from './scenarios/refresh.js'
import * as revocation from './scenarios/revocation.js'

export const scenarios = {
  ...api,
  ...authorization,
  ...discovery,
  ...exchange,
  ...introspection,
  ...ownCredentials,
  ...refresh,
  ...revocation,
}
