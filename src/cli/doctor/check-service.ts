/**
 * The entry of master.cf that runs this program: its fields, its user, its argv.
 *
 *   Postfix, our services, users, files → diagnoses
 *
 * spawn(8) runs the program with the rights of `user=`, outside of a chroot jail only if told so, and refuses users it
 * thinks too powerful; in each of these cases the service gives no answer, and Postfix defers all mail. A process limit
 * makes an smtpd(8) wait for a process that another one holds as long as it lives.
 *
 * Pure, total. Sources: spawn(8), master(5), SMTPD_POLICY_README.
 */
import type { ServiceUser } from '../rights/service-user.ts'
import { type Diagnosis, failure, note, ok, warning } from './diagnosis.ts'
import type { OurService } from './our-services.ts'
import type { FileFact, LookAtFile } from '../rights/look-files.ts'
import { type Postfix, type Service, serviceId, smtpServers } from './postfix.ts'
import { quote } from '../../text/shell-word.ts'
import type { Remedies } from './remedy.ts'

/** A Node and a program that are there for certain: those that run doctor. */
export interface Self {
  readonly node: string
  readonly program: string
}

/** What the checks have to know of the system. */
export interface ServiceSurroundings {
  readonly look: LookAtFile
  readonly userOf: (name: string, group: string | undefined) => ServiceUser
  /** Whether a user may read a file and search the directories above it; undefined: yes, or not known. The text says what is in the way. */
  readonly obstacle: (path: string, user: ServiceUser, use: 'read' | 'execute') => string | undefined
  /** `$USER`. */
  readonly configuredUser: string
  readonly self: Self
}

/** Findings about a part of the command, and that part as it should be. */
interface Corrected<T> {
  readonly found: readonly Diagnosis[]
  readonly better: T
}

/** Everything about one service that is ours. */
export function checkService(
  postfix: Postfix,
  ours: OurService,
  surroundings: ServiceSurroundings,
  remedies: Remedies,
): Diagnosis[] {
  const user = checkUser(postfix, ours, surroundings)
  const argv = checkArgv(ours, surroundings)
  // One command puts user and argv right, whichever of them a finding is about.
  const command = commandOf(user.better, argv.better)
  const remedy =
    command === commandOf(userAndGroup(ours), ours.argv) ? [] : [remedies.field(ours.service, 'command', command)]
  const about = serviceId(ours.service)
  const ofCommand = [...user.found, ...argv.found].map(each =>
    each.level === 'note' ? { ...each, about } : { ...each, about, remedy: [...each.remedy, ...remedy] },
  )
  const found = [...checkFields(postfix, ours.service, remedies), ...ofCommand]
  const isFine = found.every(({ level }) => level === 'note')
  return isFine
    ? [ok(about, `runs ${ours.argv.join(' ')} as ${ours.user}, not chrooted, process limit 0`), ...found]
    : found
}

function checkFields(postfix: Postfix, service: Service, remedies: Remedies): Diagnosis[] {
  const about = serviceId(service)
  const found: Diagnosis[] = []
  if (service.chroot === 'y')
    found.push(
      failure(
        'chrooted',
        about,
        'is chrooted: the program cannot see Node, its configuration or /etc/resolv.conf there, and all mail is deferred',
        remedies.field(service, 'chroot', 'n'),
      ),
    )
  if (service.unprivileged !== 'n')
    found.push(
      failure(
        'unprivileged',
        about,
        'is unprivileged ("y", the default): spawn(8) cannot become the user of the service, and all mail is deferred',
        remedies.field(service, 'unprivileged', 'n'),
      ),
    )
  if (service.processLimit !== '0') found.push(checkProcessLimit(postfix, service, remedies))
  return found
}

function checkProcessLimit(postfix: Postfix, service: Service, remedies: Remedies): Diagnosis {
  const fallback = postfix.parameters.get('default_process_limit') ?? ''
  const limitOf = ({ processLimit }: Service): number => {
    const limit = Number(processLimit === '-' ? fallback : processLimit)
    return limit === 0 || Number.isNaN(limit) ? Number.POSITIVE_INFINITY : limit
  }
  const limit = limitOf(service)
  const servers = smtpServers(postfix).filter(server => server !== undefined)
  const needed = servers.map(limitOf).reduce((sum, each) => sum + each, 0)
  const remedy = remedies.field(service, 'process_limit', '0')
  const written = service.processLimit === '-' ? `- (default_process_limit, ${fallback})` : service.processLimit
  const how = Number.isFinite(needed) ? String(needed) : 'any number of'
  const text = `has the process limit ${written}, not 0: ${how} smtpd processes keep one of these each`
  return limit < needed
    ? failure('process-limit', about(service), `${text}; those without one wait, and defer their mail`, remedy)
    : warning('process-limit', about(service), `${text}; it is enough until their limits are raised`, remedy)
}

function about(service: Service): string {
  return serviceId(service)
}

function checkUser(
  postfix: Postfix,
  { user, group }: OurService,
  { userOf, configuredUser }: ServiceSurroundings,
): Corrected<string> {
  const make = 'adduser --system --group --no-create-home polw'
  const replaced = (found: Diagnosis): Corrected<string> => ({ found: [found], better: 'polw' })
  if (user === undefined)
    return replaced(
      failure('service-user-missing', '', 'has no user=: spawn(8) does not start it, and all mail is deferred'),
    )
  const { uid } = userOf(user, group)
  if (uid === undefined)
    return replaced(
      failure(
        'service-user-unknown',
        '',
        `user=${user} does not exist here: spawn(8) does not start it, and all mail is deferred`,
        make,
      ),
    )
  const owner = postfix.parameters.get('mail_owner') ?? 'postfix'
  if (uid === 0 || uid === userOf(owner, undefined).uid)
    return replaced(
      failure(
        'service-user-refused',
        '',
        `user=${user} is ${uid === 0 ? 'root' : "the owner of Postfix's queue"}: spawn(8) refuses it, and all mail is deferred`,
        make,
      ),
    )
  const differs =
    user === configuredUser
      ? []
      : [
          note(
            'user-differs',
            '',
            `user=${user} is not $USER (${configuredUser}) of the configuration; "check" and the daemon go by that one`,
            `in the configuration: $USER = ${JSON.stringify(user)};`,
          ),
        ]
  if (user === 'nobody') {
    const shared = 'user=nobody is shared with other programs, which may then write its cache'
    return { found: [warning('service-user-shared', '', shared, make), ...differs], better: 'polw' }
  }
  return { found: differs, better: userAndGroup({ user, group }) }
}

/** Only the words that are wrong are replaced. */
function checkArgv(
  { argv, program, user, group }: OurService,
  { look, userOf, obstacle, self }: ServiceSurroundings,
): Corrected<readonly string[]> {
  const found: Diagnosis[] = []
  let better = argv
  const replace = (word: string, replacement: string, diagnosis: Diagnosis): void => {
    better = better.map(each => (each === word ? replacement : each))
    found.push(diagnosis)
  }
  const [first = ''] = argv
  for (const word of first === program ? [first] : [first, program]) {
    const own = word === program ? self.program : self.node
    if (!word.startsWith('/')) {
      const text = `argv names ${word} without its full path: it is looked for in the queue directory, or in /usr/bin:/bin`
      replace(word, own, failure('argv-relative', '', text))
      continue
    }
    const trouble = troubleWith(look(word), word === program)
    if (trouble) {
      const said = { ...trouble, text: `argv: ${word} ${trouble.text}` }
      if (said.level === 'note') found.push(said)
      else replace(word, own, said)
      continue
    }
    if (user === undefined) continue
    const serviceUser = userOf(user, group)
    const inTheWay =
      serviceUser.uid === undefined ? undefined : obstacle(word, serviceUser, word === first ? 'execute' : 'read')
    if (inTheWay === undefined) continue
    const text = `argv: user ${user} cannot use ${word}: ${inTheWay}`
    const copy = `/usr/local/bin/${word.slice(word.lastIndexOf('/') + 1)}`
    replace(word, copy, failure('argv-unreachable', '', text, `install -m 755 ${quote(word)} /usr/local/bin/`))
  }
  return { found, better }
}

function troubleWith({ kind, program }: FileFact, isProgram: boolean): Diagnosis | undefined {
  if (kind === 'missing') return failure('argv-no-file', '', 'does not exist: all mail is deferred')
  if (kind === 'no-file') return failure('argv-no-file', '', 'is no file that can be run: all mail is deferred')
  if (kind === 'hidden') return note('not-looked-at', '', 'cannot be looked at; run doctor as root')
  if (!isProgram) return undefined
  if (program === 'original')
    return warning('argv-other-program', '', 'is a Perl program, the original and not this one')
  if (program === 'other') return failure('argv-other-program', '', 'is no policyd-weight')
  return undefined
}

/** An entry that policy services lead to although it runs something else; asked only if nothing is ours. */
export function checkOtherProgram(
  service: Service,
  argv: readonly string[],
  self: Self,
  remedies: Remedies,
): Diagnosis {
  return failure(
    'argv-other-program',
    serviceId(service),
    `main.cf asks it, but its argv (${argv.join(' ')}) runs no policyd-weight`,
    remedies.field(service, 'command', commandOf('polw', [self.node, self.program])),
  )
}

/** No entry runs this program, and nothing asks the daemon. `name`: what main.cf asks for, or would. */
export function serviceMissing(name: string, self: Self, remedies: Remedies): Diagnosis {
  return failure(
    'service-missing',
    'master.cf',
    'no service runs policyd-weight, and main.cf does not ask the daemon',
    remedies.entry(name, 'unix', entryOf(name, 'unix', self)),
  )
}

/** The program stands in an entry that spawn(8) does not run. */
export function serviceNotSpawned(service: Service, self: Self, remedies: Remedies): Diagnosis {
  const { name, type, command } = service
  return failure(
    'service-not-spawn',
    serviceId(service),
    `is run by ${command}(8), which does not speak to a policy service; it has to be spawn(8)`,
    remedies.entry(name, type, entryOf(name, type, self)),
  )
}

/** An entry like that of master.cf.example, in one line. */
function entryOf(name: string, type: string, { node, program }: Self): string {
  return `${name} ${type} - n n - 0 ${commandOf('polw', [node, program])}`
}

function userAndGroup({ user = '', group }: Pick<OurService, 'user' | 'group'>): string {
  return group === undefined ? user : `${user}:${group}`
}

function commandOf(user: string, argv: readonly string[]): string {
  const words = argv.map(word => (/[\s{}]/.test(word) || word === '' ? `{${word}}` : word))
  return `spawn user=${user} argv=${words.join(' ')}`
}
