import t from 'tap'
import {
  checkOtherProgram,
  checkService,
  type ServiceSurroundings,
  serviceMissing,
  serviceNotSpawned,
} from '../../../src/cli/doctor/check-service.ts'
import { findOurServices, spawnEntries } from '../../../src/cli/doctor/our-services.ts'
import type { FileFact } from '../../../src/cli/rights/look-files.ts'
import { parseServices } from '../../../src/cli/doctor/postfix.ts'
import { Remedies } from '../../../src/cli/doctor/remedy.ts'
import { EVERYTHING_THERE, POLICY, postfixOf, SMTPD } from '../../support/postfix-model.ts'

const UIDS = new Map([
  ['root', 0],
  ['polw', 110],
  ['nobody', 65_534],
  ['postfix', 103],
  ['other', 111],
])
const SELF = { node: '/opt/node', program: '/opt/policyd-weight' }
const SURROUNDINGS: ServiceSurroundings = {
  look: EVERYTHING_THERE,
  userOf: (name, group = name) => ({ name, group, uid: UIDS.get(name), groups: [] }),
  obstacle: () => undefined,
  configuredUser: 'polw',
  self: SELF,
}
const fileFact =
  (path: string, fact: Partial<FileFact>): ServiceSurroundings['look'] =>
  each => ({ ...EVERYTHING_THERE(each), ...(each === path ? fact : {}) })

const ARGV = 'argv=/usr/bin/node /usr/local/bin/policyd-weight'
const entry = (fields: string, user = 'user=polw', argv = ARGV): string =>
  `policy unix ${fields} spawn ${user} ${argv}\n`

t.test('the entry of master.cf.example is in order', t => {
  const postfix = postfixOf({})
  const [ours] = findOurServices(spawnEntries(postfix.services), EVERYTHING_THERE)
  t.match(ours && checkService(postfix, ours, SURROUNDINGS, new Remedies()), [
    { level: 'ok', about: 'policy/unix', text: /^runs \/usr\/bin\/node \/usr\/local\/bin\/policyd-weight as polw/ },
  ])
  t.end()
})

t.test('what can be wrong with the entry', t => {
  const cases: {
    label: string
    policy: string
    smtpd?: string
    set?: string
    given?: Partial<ServiceSurroundings>
    want: [level: string, code: string, remedy: string | RegExp][]
  }[] = [
    {
      label: 'chrooted',
      policy: entry('- n y - 0'),
      want: [['error', 'chrooted', 'postconf -F policy/unix/chroot=n']],
    },
    {
      label: 'unprivileged by default',
      policy: entry('- - n - 0'),
      want: [['error', 'unprivileged', 'postconf -F policy/unix/unprivileged=n']],
    },
    {
      label: 'a process limit that is as high as that of the only smtpd',
      policy: entry('- n n - -'),
      want: [['warning', 'process-limit', 'postconf -F policy/unix/process_limit=0']],
    },
    {
      label: 'lower than that',
      policy: entry('- n n - 10'),
      want: [['error', 'process-limit', /process_limit=0/]],
    },
    {
      label: 'lower than that of two together',
      policy: entry('- n n - 100'),
      smtpd: `${SMTPD}submission inet n - y - - smtpd\n`,
      want: [['error', 'process-limit', /process_limit=0/]],
    },
    {
      label: 'an smtpd without limit',
      policy: entry('- n n - 100'),
      smtpd: 'smtp inet n - y - 0 smtpd\n',
      want: [['error', 'process-limit', /process_limit=0/]],
    },
    {
      label: 'enough for few smtpds',
      policy: entry('- n n - 20'),
      smtpd: 'smtp inet n - y - 20 smtpd\n',
      want: [['warning', 'process-limit', /process_limit=0/]],
    },
    {
      label: 'no user',
      policy: entry('- n n - 0', ''),
      want: [['error', 'service-user-missing', `postconf -F 'policy/unix/command=spawn user=polw ${ARGV}'`]],
    },
    {
      label: 'a user that is not there',
      policy: entry('- n n - 0', 'user=none'),
      want: [
        ['error', 'service-user-unknown', /^adduser .* polw && postconf -F 'policy\/unix\/command=spawn user=polw /],
      ],
    },
    {
      label: 'the usual user is not there',
      policy: entry('- n n - 0'),
      given: { userOf: (name, group = name) => ({ name, group, uid: undefined, groups: [] }) },
      want: [['error', 'service-user-unknown', 'adduser --system --group --no-create-home polw']],
    },
    { label: 'root', policy: entry('- n n - 0', 'user=root'), want: [['error', 'service-user-refused', /^adduser/]] },
    {
      label: "the owner of Postfix's queue",
      policy: entry('- n n - 0', 'user=other'),
      set: 'mail_owner = other',
      want: [['error', 'service-user-refused', /^adduser/]],
    },
    {
      label: 'the user of others, who is not $USER',
      policy: entry('- n n - 0', 'user=nobody:nogroup'),
      want: [
        ['warning', 'service-user-shared', /^adduser/],
        ['note', 'user-differs', 'in the configuration: $USER = "nobody";'],
      ],
    },
    {
      label: 'no such program; what stands behind it stays',
      policy: entry('- n n - 0', 'user=polw', 'argv=/usr/bin/node /none/policyd-weight -f /etc/x'),
      given: { look: fileFact('/none/policyd-weight', { kind: 'missing', program: 'unknown' }) },
      want: [
        [
          'error',
          'argv-no-file',
          "postconf -F 'policy/unix/command=spawn user=polw argv=/usr/bin/node /opt/policyd-weight -f /etc/x'",
        ],
      ],
    },
    {
      label: 'no such Node',
      policy: entry('- n n - 0', 'user=polw', 'argv=/none/node /usr/local/bin/policyd-weight'),
      given: { look: fileFact('/none/node', { kind: 'missing', program: 'unknown' }) },
      want: [['error', 'argv-no-file', /argv=\/opt\/node \/usr\/local\/bin\/policyd-weight'$/]],
    },
    {
      label: 'a directory',
      policy: POLICY,
      given: { look: fileFact('/usr/local/bin/policyd-weight', { kind: 'no-file', program: 'unknown' }) },
      want: [['error', 'argv-no-file', /\/opt\/policyd-weight/]],
    },
    {
      label: 'nothing we may look at',
      policy: POLICY,
      given: { look: fileFact('/usr/local/bin/policyd-weight', { kind: 'hidden', program: 'unknown' }) },
      want: [
        ['ok', '', ''],
        ['note', 'not-looked-at', ''],
      ],
    },
    {
      label: 'the Perl original',
      policy: POLICY,
      given: { look: fileFact('/usr/local/bin/policyd-weight', { program: 'original' }) },
      want: [['warning', 'argv-other-program', /\/opt\/policyd-weight/]],
    },
    {
      label: 'something else of that name',
      policy: POLICY,
      given: { look: fileFact('/usr/local/bin/policyd-weight', { program: 'other' }) },
      want: [['error', 'argv-other-program', /\/opt\/policyd-weight/]],
    },
    {
      label: 'without its path',
      policy: entry('- n n - 0', 'user=polw', 'argv=/usr/bin/node policyd-weight'),
      want: [['error', 'argv-relative', /argv=\/usr\/bin\/node \/opt\/policyd-weight/]],
    },
    {
      label: 'in a directory that is closed to the user',
      policy: entry('- n n - 0', 'user=polw', 'argv=/usr/bin/node /root/policyd-weight'),
      given: { obstacle: path => (path.startsWith('/root/') ? '/root is closed to others' : undefined) },
      want: [
        [
          'error',
          'argv-unreachable',
          "install -m 755 /root/policyd-weight /usr/local/bin/ && postconf -F 'policy/unix/command=spawn user=polw argv=/usr/bin/node /usr/local/bin/policyd-weight'",
        ],
      ],
    },
    {
      label: 'the user and both words of argv: one command for all three',
      policy: entry('- n n - 0', 'user=root', 'argv=node /none/policyd-weight -f /x'),
      given: { look: fileFact('/none/policyd-weight', { kind: 'missing', program: 'unknown' }) },
      want: (['service-user-refused', 'argv-relative', 'argv-no-file'] as const).map(code => [
        'error',
        code,
        /postconf -F 'policy\/unix\/command=spawn user=polw argv=\/opt\/node \/opt\/policyd-weight -f \/x'$/,
      ]),
    },
    {
      label: 'a group stays with its user',
      policy: entry('- n n - 0', 'user=polw:mail', 'argv=node /usr/local/bin/policyd-weight'),
      want: [['error', 'argv-relative', /=spawn user=polw:mail argv=\/opt\/node /]],
    },
    {
      label: 'several at once',
      policy: entry('- n y - 5'),
      want: [
        ['error', 'chrooted', /./],
        ['error', 'process-limit', /./],
      ],
    },
  ]
  for (const { label, policy, smtpd = SMTPD, set = '', given, want } of cases) {
    const postfix = postfixOf({ set, services: smtpd + policy })
    const surroundings = { ...SURROUNDINGS, ...given }
    const [ours] = findOurServices(spawnEntries(postfix.services), surroundings.look)
    if (!ours) throw new Error(label)
    const found = checkService(postfix, ours, surroundings, new Remedies())
    t.strictSame(
      found.map(({ level, code }) => [level, code ?? '']),
      want.map(([level, code]) => [level, code]),
      label,
    )
    for (const [index, [, , remedy]] of want.entries())
      if (remedy !== '') t.match(found[index]?.remedy.join(' && '), remedy, label)
  }
  t.end()
})

t.test('there is no entry of ours', t => {
  const remedies = new Remedies('/etc/postfix two')
  t.match(serviceMissing('polw', SELF, remedies), {
    level: 'error',
    code: 'service-missing',
    remedy: [
      "postconf -c '/etc/postfix two' -M 'polw/unix=polw unix - n n - 0 spawn user=polw argv=/opt/node /opt/policyd-weight'",
    ],
  })
  const [pipe, grey] = parseServices(
    'policy unix - n n - 0 pipe argv=/x/policyd-weight\ngrey unix - n n - 0 spawn user=x argv=/usr/sbin/postgrey\n',
  )
  if (!pipe || !grey) throw new Error('no entries')
  t.match(serviceNotSpawned(pipe, SELF, remedies), {
    code: 'service-not-spawn',
    about: 'policy/unix',
    text: /pipe\(8\)/,
  })
  t.match(checkOtherProgram(grey, ['/usr/sbin/postgrey'], SELF, remedies), {
    code: 'argv-other-program',
    text: /\(\/usr\/sbin\/postgrey\)/,
    remedy: [/command=spawn user=polw argv=\/opt\/node \/opt\/policyd-weight'$/],
  })
  t.end()
})
