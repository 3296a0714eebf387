import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findMaster, rulesPutThereMs } from '../../../src/cli/doctor/postfix-master.ts'
import { makeProc } from '../../support/fake-proc.ts'

t.test('the master that runs', t => {
  const queue = t.testdir({ pid: {} })
  const proc = makeProc(join(queue, 'proc'))
  const written = join(queue, 'pid', 'master.pid')
  const find = (...mainPids: number[]) => findMaster(queue, mainPids, proc.path)
  proc.add({ pid: 812, name: 'master', ageSeconds: 60, seccomp: 2, unit: 'postfix.service' })
  proc.add({ pid: 813, name: 'sleep', ageSeconds: 60 })
  proc.add({ pid: 814, name: 'master', ageSeconds: 60 })
  t.equal(find(), undefined, 'nobody knows')
  t.match(find(0, 812), { pid: 812 }, 'systemd does')
  writeFileSync(written, '          812\n')
  const master = find(814)
  t.match(master, { pid: 812, isFiltered: true, unit: 'postfix.service' }, 'its own file comes first')
  const ageMs = Date.now() - (master?.startedMs ?? 0)
  t.ok(ageMs >= 60_000 && ageMs < 90_000, `${ageMs}`)
  writeFileSync(written, '814\n')
  t.match(find(), { pid: 814, isFiltered: false, unit: undefined })
  for (const [text, label] of [
    ['813\n', 'its number is somebody else'],
    ['999\n', 'it has ended'],
    ['', 'it is empty'],
    ['x', 'it is nonsense'],
    ['-1', 'no number of a process'],
  ] as const) {
    writeFileSync(written, text)
    t.equal(find(812), undefined, label)
  }
  rmSync(written)
  t.equal(findMaster(join(queue, 'none'), [], proc.path), undefined)
  mkdirSync(written)
  t.match(find(812), { pid: 812 }, 'what cannot be read says nothing')
  t.end()
})

t.test('when rules were put there', t => {
  const folder = t.testdir({ rules: '# x\nSystemCallFilter=\n', others: '[Service]\nLimitNOFILE=1\n' })
  const path = join(folder, 'rules')
  const before = Date.now()
  utimesSync(path, 1, 1)
  t.ok((rulesPutThereMs(path) ?? 0) >= before - 1000, 'not the time that the package gave the text')
  t.equal(rulesPutThereMs(join(folder, 'others')), undefined, 'about something else')
  t.equal(rulesPutThereMs(join(folder, 'none')), undefined)
  t.end()
})
