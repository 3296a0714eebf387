/**
 * What systemd forbids Postfix, and with it whatever spawn(8) starts: now, and from its next start on.
 *
 *   `systemctl show` of the units Postfix may run in → unit settings; the master that runs → diagnoses
 *
 * Node compiles, and for that writes memory which it then executes; at its start it calls pkey_alloc(2). Under rules that
 * forbid either, each policy process is killed before it answers, and every mail is put off (seen with Debian 13's
 * postfix.service and Postfix 3.10).
 *
 * Rules are for the life of a process. A drop-in that puts them aside says nothing about a master that was started before it
 * was there: that one has its filter still, and only a restart helps. Which rules the filter has is not to be seen, and other
 * settings of the unit make one as well; but a spawned process that has answered was not killed.
 *
 * Pure, total; text that is not as expected means that nothing is forbidden.
 * Source: systemd.exec(5), MemoryDenyWriteExecute= and SystemCallFilter=; seccomp(2).
 */
import { type Diagnosis, failure, warning } from './diagnosis.ts'
import type { PostfixMaster } from './postfix-master.ts'

const USUAL_UNIT = 'postfix.service'

/** A unit as it was loaded: `{ unit: 'postfix.service', forbids: ['MemoryDenyWriteExecute=yes'], … }`. */
export interface UnitRules {
  readonly unit: string
  /** The rules under which Node cannot run. */
  readonly forbids: readonly string[]
  /** Drop-ins that count, in full. */
  readonly dropIns: readonly string[]
  /** Files have changed since. */
  readonly isOutdated: boolean
  /** Its process as systemd knows it; 0: none. */
  readonly mainPid: number
}

/** What is known of the Postfix that runs. */
export interface RunningMaster {
  /** Undefined: none, or not to be seen. */
  readonly master: PostfixMaster | undefined
  /** A process that this master has spawned has answered. */
  readonly hasAnswered: boolean
  /** When a file got to where it is; undefined: it is not to be seen. */
  readonly putThereMs: (file: string) => number | undefined
}

/**
 * `Id=postfix.service\nMemoryDenyWriteExecute=yes\nSystemCallFilter=read write\n`, and an empty line behind each unit → those in
 * which Postfix runs; if it does not, those in which it might.
 */
export function parseUnits(text: string): UnitRules[] {
  const isActive = (paragraph: string): boolean => /^ActiveState=active$/m.test(paragraph)
  const paragraphs = text.split(/\n\n+/)
  const active = paragraphs.filter(isActive)
  return (active.length > 0 ? active : paragraphs).flatMap(paragraph => {
    const settings = new Map(
      paragraph.split('\n').map(line => {
        const at = line.indexOf('=')
        return [line.slice(0, at), line.slice(at + 1)] as const
      }),
    )
    const unit = settings.get('Id')
    if (unit === undefined || settings.get('LoadState') !== 'loaded') return []
    const filter = settings.get('SystemCallFilter') ?? ''
    const isNamed = filter.replace(/^~/, '').split(/\s+/).includes('pkey_alloc')
    // With ~ in front it is a list of what is forbidden; an empty one forbids nothing.
    const allowsPkeyAlloc = filter === '' || (filter.startsWith('~') ? !isNamed : isNamed)
    return {
      unit,
      forbids: [
        ...(settings.get('MemoryDenyWriteExecute') === 'yes' ? ['MemoryDenyWriteExecute=yes'] : []),
        ...(allowsPkeyAlloc ? [] : ['SystemCallFilter= without pkey_alloc']),
      ],
      dropIns: (settings.get('DropInPaths') ?? '').split(' ').filter(path => path !== ''),
      isOutdated: settings.get('NeedDaemonReload') === 'yes',
      mainPid: Number(settings.get('MainPID') ?? 0),
    }
  })
}

/**
 * A diagnosis for each unit under which Node cannot run: of the one the master runs in, or of all that may start one. Debian 13
 * starts it by postfix.service, and has a template with the same rules; in Debian 12 postfix.service starts nothing itself.
 */
export function checkConfinement(units: readonly UnitRules[], running: RunningMaster): Diagnosis[] {
  const { master } = running
  const own = units.filter(({ unit }) => unit === master?.unit)
  const usual = units.filter(({ unit, forbids }) => unit === USUAL_UNIT && forbids.length > 0)
  const counted = [own, usual, units].find(each => each.length > 0) ?? []
  return counted.flatMap(unit => checkUnit(unit, running, own.length > 0))
}

function checkUnit(
  rules: UnitRules,
  { master, hasAnswered, putThereMs }: RunningMaster,
  isMasters: boolean,
): Diagnosis[] {
  const { unit, forbids, dropIns, isOutdated } = rules
  if (forbids.length === 0) {
    if (!master?.isFiltered || !isMasters || hasAnswered) return []
    const later = dropIns.find(path => (putThereMs(path) ?? 0) > master.startedMs)
    return later === undefined
      ? []
      : [
          failure(
            'confined',
            unit,
            `its master (process ${master.pid}) was started before ${later} was there, and keeps the rules it had: Node.js is killed under those of Debian 13, and all mail that asks for a spawned process is put off`,
            restart(unit),
          ),
        ]
  }
  const folder = `/etc/systemd/system/${unit}.d`
  const text = `${forbids.join(' and ')}: Node.js is killed under these rules, and all mail that asks for a spawned process is put off`
  const remedy = isOutdated
    ? [`systemctl daemon-reload && ${restart(unit)}`]
    : [
        `mkdir -p ${folder} && printf '[Service]\\nMemoryDenyWriteExecute=no\\nSystemCallFilter=\\n' > ${folder}/policyd-weight.conf`,
        `systemctl daemon-reload && ${restart(unit)}`,
      ]
  // The master that runs is free of them: started by hand, or before the rules came. Those about memory need no filter.
  const isFree = hasAnswered || !isMasters || (!master?.isFiltered && !forbids.some(rule => rule.startsWith('Memory')))
  return master && isFree
    ? [warning('confined', unit, `from its next start on: ${text}`, ...remedy)]
    : [failure('confined', unit, text, ...remedy)]
}

function restart(unit: string): string {
  return `systemctl restart ${unit}`
}

/** What a reload would not put right: the command that does; undefined: a reload will do. */
export function restartNeeded(found: readonly Diagnosis[]): string | undefined {
  const confined = found.find(({ code, level }) => code === 'confined' && level === 'error')
  return confined && restart(confined.about)
}
