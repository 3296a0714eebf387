import t from 'tap'
import { facilityCode, priorityCode, tagOf } from '../../../src/system/native/syslog-codes.ts'

t.test('names become the numbers of syslog.h', t => {
  const facilities = {
    kern: 0,
    user: 8,
    mail: 16,
    daemon: 24,
    cron: 72,
    authpriv: 80,
    ftp: 88,
    local0: 128,
    local7: 184,
  }
  for (const [name, code] of Object.entries(facilities)) t.equal(facilityCode(name), code, name)
  t.equal(facilityCode('nonsense'), 16, 'mail')
  const priorities = { emerg: 0, alert: 1, crit: 2, err: 3, warning: 4, notice: 5, info: 6, debug: 7 }
  for (const [name, code] of Object.entries(priorities)) t.equal(priorityCode(name), code, name)
  t.equal(priorityCode('nonsense'), 6, 'info')
  t.equal(tagOf('polw', 'cons,pid'), `polw[${process.pid}]`)
  t.equal(tagOf('polw', 'perror'), 'polw')
  t.end()
})
