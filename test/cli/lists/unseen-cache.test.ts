/** `lists` and `lists --release` where the cache is there and cannot be looked at: nothing is claimed of it. */
import t from 'tap'
import { releaseQuarantine } from '../../../src/cli/lists/release-list.ts'
import { showLists } from '../../../src/cli/lists/show-lists.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { testNative } from '../../../testkit/native.ts'

const CONFIG = builtinConfig({ LEDGER: '' })

async function shown(directory: string): Promise<string> {
  const cachePath = `${directory}/policyd-weight.cache`
  const how = { test: false, json: false, width: undefined, progress: undefined, nowMs: Date.now }
  return (await showLists({ cachePath, path: undefined, config: CONFIG, ...how })).text
}

const released = (directory: string): string =>
  releaseQuarantine('zen.spamhaus.org', CONFIG, { directory, fileName: 'policyd-weight.cache' }, testNative()).text

t.test('a cache that cannot be read', async t => {
  const directory = t.testdir({ 'policyd-weight.cache': 'something else' })
  t.match(
    await shown(directory),
    /\nnote cache: which lists are left alone is not known: .* is no cache file, or damaged\n/,
  )
  t.match(await shown(directory), /^zen\.spamhaus\.org +clients +unknown /m)
  t.match(released(directory), /^what is in quarantine cannot be looked at: .* or damaged\n$/)
})

t.test('no cache: no list is left alone', async t => {
  const directory = t.testdir({})
  t.notMatch(await shown(directory), /note cache| unknown /)
  t.match(released(directory), /^no list is in quarantine: /)
})
