/**
 * The name servers, the lists and the ledger: asks, and says what is wrong.
 *
 *   configuration → ask-dns.ts, ledger → check-lists.ts, check-resolver.ts, check-ledger.ts → diagnoses → doctor, `check --dns`,
 *   `lists --test`
 *
 * Failure: an outcome of each question. What says whose machine this is may be missing: then it is nobody's cloud.
 * Source: docs/doctor.md.
 */
import { readFileSync } from 'node:fs'
import { readLedger } from '../../cache/ledger-reader.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { nameServersOf } from '../../dns/resolv-conf.ts'
import { randomLabel } from '../../list-probe.ts'
import { attempt } from '../rights/look-files.ts'
import { readSilentServers } from '../cache/silent-servers.ts'
import { askLists, askNameServers, askOnce } from './ask-dns.ts'
import { checkLedger } from './check-ledger.ts'
import { checkLists, checkNameServers, listsNotAsked, listTrials } from './check-lists.ts'
import { absentName, checkResolver, standingOf } from './check-resolver.ts'
import type { Diagnosis } from './diagnosis.ts'

const MAKER = ['sys_vendor', 'product_name', 'bios_vendor', 'chassis_asset_tag'].map(
  name => `/sys/class/dmi/id/${name}`,
)

/** All of it; what concerns one list is about that, as it is shown. `cachePath`: where the host keeps what it knows of servers. */
export async function examineDns(config: Config, cachePath: string, maker = machineMaker()): Promise<Diagnosis[]> {
  const servers = nameServersOf(config.NS)
  const known = readSilentServers(servers, cachePath)
  const answers = await askNameServers(servers, config)
  const trials = listTrials(config)
  const working = answers.filter(({ outcome }) => outcome.kind === 'found').map(({ server }) => server)
  const isAnswered = working.length > 0
  const [outcomes, absent] = await Promise.all([
    isAnswered ? askLists(working, config, trials) : [],
    isAnswered ? askOnce(working, config, absentName(randomLabel())) : undefined,
  ])
  const standing = standingOf(servers, maker)
  return [
    ...checkNameServers(answers, config, known),
    ...checkResolver(servers, absent),
    ...(isAnswered ? checkLists(outcomes, config, standing) : listsNotAsked(trials)),
    ...checkLedger(readLedger(config.LEDGER), config, Date.now()),
  ]
}

function machineMaker(): string {
  return MAKER.map(path => attempt(() => readFileSync(path, 'latin1').trim()) ?? '').join(' ')
}
