import { readFileSync } from 'node:fs'
import t from 'tap'
import { readExample } from '../../testkit/master-cf-example.ts'

const PATHS = { node: '/opt/node', executable: '/opt/policyd-weight', configuration: '/opt/conf' }

t.test('the service is the one that is shipped, but for its paths', t => {
  const { service } = readExample(PATHS)
  t.equal(service.trimEnd().split('\n').length, 2)
  t.match(service, /^policy +unix +- +n +n +- +0 +spawn\n/)
  const back = service.replace(
    `${PATHS.node} ${PATHS.executable} -f ${PATHS.configuration}`,
    '/usr/bin/node /usr/local/bin/policyd-weight',
  )
  t.ok(readFileSync('master.cf.example', 'utf8').endsWith(back))
  t.end()
})

t.test('the advice for main.cf is all of it, and nothing else', t => {
  const lines = readExample(PATHS).settings.split('\n')
  t.strictSame(
    lines.filter(line => !line.startsWith('#')),
    [
      'policy_time_limit = 3600',
      'smtpd_recipient_restrictions =',
      '    permit_mynetworks,',
      '    permit_sasl_authenticated,',
      '    reject_unauth_destination,',
      '    reject_unlisted_recipient,',
      '    check_policy_service unix:private/policy',
    ],
  )
  t.ok(lines.includes('#   smtpd_policy_service_default_action = DUNNO'), 'what is an alternative stays a comment')
  t.end()
})

t.test('what smtpd(8) is to have is its options alone', t => {
  t.equal(readExample(PATHS).smtpdOptions, '  -o max_use=1000')
  t.end()
})
