// Plays one scenario. Line by line, in JSON: the first line on standard input says which one and where the site is; the
// last on standard output is what came of it. In between, the browser is asked to do things, one line each way.

import { createInterface } from 'node:readline'

import { scenarios } from './scenarios.js'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function hear() {
  return JSON.parse((await lines.next()).value)
}

function tell(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

async function browser(request) {
  tell({ browser: request })
  return await hear()
}

const { scenario, service } = await hear()
tell({ result: await scenarios[scenario]({ service, browser }) })
process.exit()
