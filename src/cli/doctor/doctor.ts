/**
 * `policyd-weight doctor`: does it all fit together – Postfix, this program, DNS?
 *
 *   postconf → Postfix → our services → configuration → uses → checks (pure) → report
 *                                            └→ DNS, files, the service itself ↗
 *
 * Reads and asks only; nothing is changed but for a line in the log of a service that is asked. Without Postfix, or as
 * somebody who may not see everything, what can be looked at is, and the report says what was not.
 *
 * Failure: none of its own; whatever cannot be looked at is a diagnosis. Exit status: report.ts.
 */
import { join, resolve } from 'node:path'
import type { LoadedConfig } from '../../config/loaded.ts'
import type { Config } from '../../config/parameters/parameters.ts'
import { EXECUTABLE } from '../../system/executable.ts'
import type { Native, NativeUnavailable } from '../../system/native/native.ts'
import { adviseOnCache } from '../advice/cache-advice.ts'
import { adviseOnJournal } from '../advice/journal-advice.ts'
import { adviseOnFiles, whyUnreadable } from '../advice/rights-advice.ts'
import { findServiceUser, findSpawnedUser, type ServiceUser } from '../rights/service-user.ts'
import { obstacle, whyUntried } from '../rights/try-rights.ts'
import { type EndpointAnswer, askEndpoints } from './ask-endpoints.ts'
import { type Asked, checkAnswer, checkSocket } from './check-answers.ts'
import { checkClientSettings, insteadOfDeferring } from './check-client-settings.ts'
import { checkConfinement, parseUnits, restartNeeded, type UnitRules } from './check-confinement.ts'
import { checkEndpoints, checkPlacement, nobodyAsks } from './check-placement.ts'
import { checkOtherProgram, checkService, type Self, serviceMissing, serviceNotSpawned } from './check-service.ts'
import {
  checkCache,
  checkCodeCache,
  checkConfigurationFile,
  checkJournal,
  checkReadable,
  checkRights,
} from './check-surroundings.ts'
import { checkTimes } from './check-times.ts'
import {
  DAEMON_PROPERTIES,
  DAEMON_UNITS,
  type DaemonUnits,
  daemonCommand,
  NO_UNITS,
  parseDaemonUnits,
  socketRemedy,
} from './daemon-units.ts'
import { type Diagnosis, failure, note, ok } from './diagnosis.ts'
import { readQuarantine } from '../cache/quarantined-lists.ts'
import { checkQuarantine } from './check-quarantine.ts'
import { endpointOf } from './endpoint.ts'
import { codeCacheState, isSocket, lookAtFile } from '../rights/look-files.ts'
import { examineDns } from './examine-dns.ts'
import { findOurServices, type OurService, spawnEntries } from './our-services.ts'
import { findPolicyUses, type List, listsOf, type PolicyUse } from './policy-uses.ts'
import { type Postfix, queueDirectory } from './postfix.ts'
import { findMaster, type PostfixMaster, rulesPutThereMs } from './postfix-master.ts'
import { Remedies } from './remedy.ts'
import { type DoctorReport, renderReport } from './report.ts'
import { readPostfix } from './run-postconf.ts'
import { showPostfixUnits, showUnits } from './run-systemctl.ts'
import { showProgress } from './show-progress.ts'

const SELF: Self = { node: process.execPath, program: EXECUTABLE?.path ?? '' }
/** What a daemon would be. */
const RUNNING = { node: SELF.node, path: SELF.program, addonPath: EXECUTABLE?.addonPath }

/** A service of master.cf, by its socket. */
const PRIVATE = /^private\/([\w.-]+)$/

export interface DoctorOptions {
  /** postconf's -c. */
  readonly postfixDirectory: string | undefined
  readonly json: boolean
  /** Loads this file, or the usual one. */
  readonly load: (file: string | undefined) => Promise<LoadedConfig>
  readonly native: Native | NativeUnavailable
  readonly cacheFileName: string
  /** Where progress is written; undefined: nowhere. */
  readonly progress: ((text: string) => void) | undefined
  /** Where proc(5) is, and the addresses of a name; for tests. */
  readonly proc?: string
  readonly addressesOf?: (host: string) => Promise<readonly string[]>
}

export async function examine(options: DoctorOptions): Promise<DoctorReport> {
  const stop = showProgress(options.progress)
  try {
    return renderReport(await diagnose(options), options.json)
  } finally {
    stop()
  }
}

async function diagnose(options: DoctorOptions): Promise<Diagnosis[]> {
  const remedies = new Remedies(options.postfixDirectory)
  const seen = await readPostfix(options.postfixDirectory)
  if (seen.kind !== 'postfix') {
    const loaded = await options.load(undefined)
    const found =
      seen.kind === 'missing'
        ? failure(
            'postfix-missing',
            'Postfix',
            'there is no postconf(1) on the PATH or in /usr/sbin',
            'apt-get install postfix',
          )
        : failure('postconf-failed', 'Postfix', `${seen.command}: ${seen.why}`, 'postfix check')
    return [found, ...examineOurselves(loaded, [], options), ...(await examineLists(loaded, options))]
  }
  const { postfix, notes } = seen
  const entries = spawnEntries(postfix.services)
  const ours = findOurServices(entries, lookAtFile)
  const loaded = await options.load(
    ours.find(({ configurationFile }) => configurationFile !== undefined)?.configurationFile,
  )
  const { config } = loaded
  const lists = listsOf(postfix)
  const units = parseDaemonUnits(await showUnits(DAEMON_UNITS, DAEMON_PROPERTIES))
  const uses = findPolicyUses(
    postfix,
    lists,
    ours.map(({ service }) => service),
    config,
    units,
  )
  const queue = queueDirectory(postfix)
  // With nothing of ours, the first name that is asked for in vain is taken for it (findMissingService).
  const wanted = ours.length === 0 ? nameAskedFor(uses) : undefined
  const named = uses.filter(({ endpointText }) => endpointText !== `unix:private/${wanted}`)
  const endpoint = ours[0] ? endpointOf(ours[0].service) : 'unix:private/policy'
  const endpoints = checkEndpoints(postfix, named, path => isSocket(join(queue, path)), endpoint, remedies)
  const services = examineServices(postfix, ours, uses, lists, config, remedies).filter(
    // What puts a wrong name right has us asked as well.
    ({ code }) => code !== 'not-asked' || endpoints.length === 0,
  )
  // The user will be another one: the cache is not to be given to this one.
  const isUserRefused = services.some(({ code }) => code === 'service-user-refused')
  // All wait for others, so they wait together.
  const [dns, asked, { units: postfixUnits, master }] = await Promise.all([
    examineLists(loaded, options),
    askEndpoints(uses, queue, options.addressesOf),
    examinePostfixUnits(queue, options.proc),
  ])
  const isSpawned = ({ asksUs, service }: PolicyUse): boolean => asksUs && service !== undefined
  // Where only a daemon is asked, what Postfix may do is of no account.
  const confinement =
    uses.some(({ asksUs }) => asksUs) && !uses.some(isSpawned)
      ? []
      : checkConfinement(postfixUnits, {
          master,
          hasAnswered: asked.some(({ use, trial }) => isSpawned(use) && trial?.kind === 'answered'),
          putThereMs: rulesPutThereMs,
        })
  const running = { isPostfixUp: master !== undefined, restart: restartNeeded(confinement) }
  return [
    ok('Postfix', `version ${postfix.parameters.get('mail_version') ?? 'unknown'}`),
    ...notes.map(text => note('not-looked-at', 'Postfix', text)),
    ...services,
    ...confinement,
    ...checkPlacement(postfix, lists, uses, remedies),
    ...endpoints,
    ...checkClientSettings(postfix, uses, config, remedies),
    ...checkTimes(postfix, ours, uses, config, remedies),
    ...examineOurselves(loaded, ours, options, isUserRefused),
    ...dns,
    ...examineAnswers(postfix, asked, units, remedies, running),
  ]
}

/** master.cf: our entries, or what stands in the place of one; and whether anything asks them. */
function examineServices(
  postfix: Postfix,
  ours: readonly OurService[],
  uses: readonly PolicyUse[],
  lists: readonly List[],
  config: Config,
  remedies: Remedies,
): Diagnosis[] {
  const surroundings = { look: lookAtFile, userOf: findSpawnedUser, obstacle, configuredUser: config.USER, self: SELF }
  const [first] = ours
  const isAsked = uses.some(({ asksUs }) => asksUs)
  if (first) {
    const services = ours.flatMap(each => checkService(postfix, each, surroundings, remedies))
    return isAsked ? services : [...services, nobodyAsks(postfix, lists, endpointOf(first.service), remedies)]
  }
  return isAsked ? [] : findMissingService(postfix, uses, lists, remedies)
}

/** Nothing runs this program: what was meant to? */
function findMissingService(
  postfix: Postfix,
  uses: readonly PolicyUse[],
  lists: readonly List[],
  remedies: Remedies,
): Diagnosis[] {
  const misplaced = postfix.services.find(
    ({ command, args }) => command !== 'spawn' && args.some(word => /(?:^|[/=])policyd-weight[^/]*$/.test(word)),
  )
  if (misplaced) return [serviceNotSpawned(misplaced, SELF, remedies)]
  const name = nameAskedFor(uses)
  if (name !== undefined) return [serviceMissing(name, SELF, remedies)]
  const asked = spawnEntries(postfix.services).filter(({ service }) => uses.some(use => use.service === service))
  if (asked.length > 0) return asked.map(({ service, argv }) => checkOtherProgram(service, argv, SELF, remedies))
  return [serviceMissing('policy', SELF, remedies), nobodyAsks(postfix, lists, 'unix:private/policy', remedies)]
}

/** A service that main.cf asks and master.cf does not have: that is how the missing one should be called. */
function nameAskedFor(uses: readonly PolicyUse[]): string | undefined {
  const unknown = uses.find(
    ({ endpoint, service, asksUs }) => !service && !asksUs && endpoint.kind === 'unix' && PRIVATE.test(endpoint.path),
  )
  return unknown?.endpoint.kind === 'unix' ? PRIVATE.exec(unknown.endpoint.path)?.[1] : undefined
}

/** What is asked of the DNS, and which lists the host leaves alone. */
async function examineLists(loaded: LoadedConfig, { cacheFileName }: DoctorOptions): Promise<Diagnosis[]> {
  const { config } = loaded
  const path = join(config.LOCKPATH, cacheFileName)
  return [...(await examineDns(config, path)), ...checkQuarantine(readQuarantine(config, path), loaded.path)]
}

function examineOurselves(
  loaded: LoadedConfig,
  ours: readonly OurService[],
  options: DoctorOptions,
  isUserRefused = false,
): Diagnosis[] {
  const { config, path } = loaded
  const { native, cacheFileName } = options
  const [first] = ours
  const user = serviceUser(isUserRefused ? undefined : first, config)
  const advice = adviseOnCache(config, { native, user, cacheFileName })
  // master.cf's user was looked at already, and so were the files that its argv names.
  const findings = first ? advice.findings.filter(({ code }) => code !== 'service-user') : advice.findings
  const files = adviseOnFiles(loaded, user, first ? undefined : RUNNING)
  return [
    ...checkConfigurationFile(loaded),
    ...(path === undefined ? [] : checkReadable(path, user.name, user.group, whyUnreadable(loaded, user))),
    ...checkRights(files, user.name, whyUntried(user)),
    ...checkCache({ ...advice, findings }, join(resolve(config.LOCKPATH), cacheFileName)),
    ...checkJournal(adviseOnJournal(config, user), config.JOURNAL),
    ...ours.flatMap(({ program, argv }) => {
      const { kind, realPath } = lookAtFile(program)
      const [node = ''] = argv
      return kind === 'file' && node !== program
        ? checkCodeCache(realPath, node, codeCacheState(realPath, node, EXECUTABLE))
        : []
    }),
  ]
}

function serviceUser(ours: OurService | undefined, { USER, GROUP }: Config): ServiceUser {
  return ours?.user === undefined ? findServiceUser(USER, GROUP) : findSpawnedUser(ours.user, ours.group)
}

/** Postfix as it runs, and what systemd says of its units. */
async function examinePostfixUnits(
  queue: string,
  proc: string | undefined,
): Promise<{ readonly units: UnitRules[]; readonly master: PostfixMaster | undefined }> {
  const seen = findMaster(queue, [], proc)
  const units = parseUnits(await showPostfixUnits(seen?.unit))
  const mainPids = units.map(({ mainPid }) => mainPid)
  return { units, master: seen ?? findMaster(queue, mainPids, proc) }
}

/** What those said that were asked. */
function examineAnswers(
  postfix: Postfix,
  asked: readonly EndpointAnswer[],
  units: DaemonUnits,
  remedies: Remedies,
  running: Pick<Asked, 'isPostfixUp' | 'restart'>,
): Diagnosis[] {
  const owner = findSpawnedUser(postfix.parameters.get('mail_owner') ?? 'postfix', undefined)
  return asked.flatMap(({ use, about, trial, occupant, hasOther, path, elsewhere }) => {
    if (trial === undefined) return [note('not-looked-at', about, 'not asked: its port is no number')]
    const instead = insteadOfDeferring(postfix, use, remedies)
    const isSpawned = use.service !== undefined
    const inTheWay = path === undefined || isSpawned ? undefined : obstacle(path, owner, 'write')
    const command = (what: 'start' | 'restart'): string =>
      elsewhere === undefined ? daemonCommand(units, what) : `on ${elsewhere}: ${daemonCommand(NO_UNITS, what)}`
    return [
      ...checkSocket(about, owner.name, inTheWay, instead, socketRemedy(units, path ?? '', owner.name)),
      checkAnswer(about, trial, { ...running, occupant, hasOther, isSpawned, command, instead }),
    ]
  })
}
