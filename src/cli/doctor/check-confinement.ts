/**
 * What systemd forbids Postfix, and with it whatever spawn(8) starts.
 *
 *   `systemctl show` of the units Postfix may run in → unit settings → diagnoses
 *
 * Node compiles, and for that writes memory which it then executes; at its start it calls pkey_alloc(2). Under rules that
 * forbid either, each policy process is killed before it answers, and every mail is put off (seen with Debian 13's
 * postfix.service and Postfix 3.10).
 *
 * Pure, total; text that is not as expected means that nothing is forbidden.
 * Source: systemd.exec(5), MemoryDenyWriteExecute= and SystemCallFilter=.
 */
import { type Diagnosis, failure } from './diagnosis.ts'

/** The rules of a unit that matter: `{ unit: 'postfix.service', deniesWriteExecute: true, allowsPkeyAlloc: false }`. */
export interface UnitRules {
  readonly unit: string
  readonly deniesWriteExecute: boolean
  readonly allowsPkeyAlloc: boolean
}

/** `Id=postfix.service\nMemoryDenyWriteExecute=yes\nSystemCallFilter=read write\n`, and an empty line behind each unit. */
export function parseUnits(text: string): UnitRules[] {
  return text.split(/\n\n+/).flatMap(paragraph => {
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
    return {
      unit,
      deniesWriteExecute: settings.get('MemoryDenyWriteExecute') === 'yes',
      // With ~ in front it is a list of what is forbidden; an empty one forbids nothing.
      allowsPkeyAlloc: filter === '' || (filter.startsWith('~') ? !isNamed : isNamed),
    }
  })
}

/** A diagnosis for each unit under which Node cannot run. */
export function checkConfinement(units: readonly UnitRules[]): Diagnosis[] {
  return units.flatMap(({ unit, deniesWriteExecute, allowsPkeyAlloc }) => {
    if (!deniesWriteExecute && allowsPkeyAlloc) return []
    const rules = [
      ...(deniesWriteExecute ? ['MemoryDenyWriteExecute=yes'] : []),
      ...(allowsPkeyAlloc ? [] : ['SystemCallFilter= without pkey_alloc']),
    ]
    const folder = `/etc/systemd/system/${unit}.d`
    return [
      failure(
        'confined',
        unit,
        `${rules.join(' and ')}: Node.js is killed under these rules, and all mail that asks for a spawned process is put off`,
        `mkdir -p ${folder} && printf '[Service]\\nMemoryDenyWriteExecute=no\\nSystemCallFilter=\\n' > ${folder}/policyd-weight.conf`,
        `systemctl daemon-reload && systemctl restart ${unit}`,
      ),
    ]
  })
}
