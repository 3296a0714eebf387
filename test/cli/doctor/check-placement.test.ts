import t from 'tap'
import { checkEndpoints, checkPlacement, nobodyAsks } from '../../../src/cli/doctor/check-placement.ts'
import { Remedies } from '../../../src/cli/doctor/remedy.ts'
import { POLICY, postfixOf, recordedOutput, SMTPD, usesOf } from '../../support/postfix-model.ts'

const ASK = 'check_policy_service unix:private/policy'
const GOOD = `permit_mynetworks, reject_unauth_destination, ${ASK}`
const remedies = new Remedies()
const recipient = (list: string): string => `postconf -e 'smtpd_recipient_restrictions = ${list}'`

t.test('where the service is asked', t => {
  const cases: {
    label: string
    set: string
    services?: string
    overrides?: string
    want: [level: string, code: string | undefined][]
    wantAbout?: string
    wantRemedy?: string[]
  }[] = [
    { label: 'last of all', set: `smtpd_recipient_restrictions = ${GOOD}`, want: [['ok', undefined]] },
    {
      label: 'with a final permit behind it',
      set: `smtpd_recipient_restrictions = ${GOOD}, permit`,
      want: [['ok', undefined]],
    },
    {
      label: 'the relay restrictions guard it, and come first',
      set: `smtpd_recipient_restrictions = permit_mynetworks, ${ASK}`,
      want: [['ok', undefined]],
    },
    {
      label: 'they guard it, but come behind it before Postfix 3.6',
      set: `smtpd_relay_before_recipient_restrictions = no\nsmtpd_recipient_restrictions = permit_mynetworks, ${ASK}`,
      want: [['warning', 'asked-before-relay-check']],
      wantRemedy: [recipient(GOOD)],
    },
    {
      label: 'in front of the guard, and no relay restrictions',
      set: `smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, ${ASK}, reject_unauth_destination`,
      want: [['error', 'open-relay']],
      wantRemedy: [recipient(GOOD)],
    },
    {
      label: 'no guard anywhere',
      set: `smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, ${ASK}`,
      want: [['error', 'open-relay']],
      wantRemedy: [recipient(GOOD)],
    },
    {
      label: 'a guard that only warns is none',
      set: `smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, warn_if_reject reject_unauth_destination, ${ASK}`,
      want: [['error', 'open-relay']],
    },
    {
      label: 'one guard is as good as another',
      set: `smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, defer_unauth_destination, ${ASK}`,
      want: [['ok', undefined]],
    },
    {
      label: 'behind the end of the list',
      set: `smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, permit, ${ASK}`,
      want: [['error', 'never-reached']],
      wantRemedy: [recipient(`${GOOD}, permit`)],
    },
    {
      label: 'one’s own users are asked about',
      set: `smtpd_recipient_restrictions = reject_unauth_destination, ${ASK}, permit_mynetworks`,
      want: [['warning', 'own-users-scored']],
      wantRemedy: [recipient(`reject_unauth_destination, permit_mynetworks, ${ASK}`)],
    },
    {
      label: 'those who log in, too, where that is possible',
      set: `smtpd_sasl_auth_enable = yes\nsmtpd_recipient_restrictions = ${GOOD}`,
      want: [['warning', 'own-users-scored']],
      wantRemedy: [recipient(`permit_sasl_authenticated, permit_mynetworks, reject_unauth_destination, ${ASK}`)],
    },
    {
      label: 'only a warning',
      set: `smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, warn_if_reject ${ASK}`,
      want: [['warning', 'only-warns']],
      wantRemedy: [recipient(GOOD)],
    },
    {
      label: 'in a restriction class, which stands in front of the guard',
      set: `smtpd_restriction_classes = weigh\nweigh = ${ASK}\nsmtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks, weigh, reject_unauth_destination`,
      want: [['error', 'open-relay']],
      wantRemedy: [recipient('permit_mynetworks, reject_unauth_destination, weigh')],
    },
    {
      label: 'a class that guards',
      set: `smtpd_restriction_classes = ours\nours = permit_mynetworks, reject_unauth_destination\nsmtpd_relay_restrictions =\nsmtpd_recipient_restrictions = ours, ${ASK}`,
      want: [['ok', undefined]],
    },
    {
      label: 'of the client, before anything is known',
      set: `smtpd_client_restrictions = permit_mynetworks, ${ASK}`,
      want: [['warning', 'asked-before-relay-check']],
      wantRemedy: [
        "postconf -e 'smtpd_client_restrictions = permit_mynetworks'",
        recipient(`permit_mynetworks, ${ASK}`),
      ],
    },
    {
      label: 'and without delay there is not even a sender',
      set: `smtpd_delay_reject = no\nsmtpd_helo_restrictions = permit_mynetworks, ${ASK}`,
      want: [
        ['error', 'asked-too-early'],
        ['warning', 'asked-before-relay-check'],
      ],
    },
    {
      label: 'without delay the recipient list is as good as with it',
      set: `smtpd_delay_reject = no\nsmtpd_recipient_restrictions = ${GOOD}`,
      want: [['ok', undefined]],
    },
    {
      label: 'in two lists: it goes out of the wrong one only',
      set: `smtpd_sender_restrictions = permit_mynetworks, ${ASK}\nsmtpd_recipient_restrictions = ${GOOD}`,
      want: [
        ['warning', 'asked-before-relay-check'],
        ['ok', undefined],
      ],
      wantRemedy: ["postconf -e 'smtpd_sender_restrictions = permit_mynetworks'"],
    },
    {
      label: 'in the relay list in front of its guard; the recipient list has none',
      set: `smtpd_relay_restrictions = permit_mynetworks, ${ASK}, reject_unauth_destination`,
      want: [['error', 'open-relay']],
    },
    {
      label: 'in the relay list, the recipient list guards, behind it',
      set: `smtpd_relay_restrictions = permit_mynetworks, ${ASK}\nsmtpd_recipient_restrictions = reject_unauth_destination`,
      want: [['warning', 'asked-before-relay-check']],
    },
    {
      label: 'when the recipients are through',
      set: `smtpd_data_restrictions = permit_mynetworks, ${ASK}`,
      want: [['warning', 'asked-too-late']],
    },
    { label: 'about ETRN', set: `smtpd_etrn_restrictions = ${ASK}`, want: [['error', 'asked-too-early']] },
    {
      label: 'a service with a list of its own',
      set: `smtpd_recipient_restrictions = ${GOOD}`,
      services: `${SMTPD}submission inet n - y - - smtpd\n${POLICY}`,
      overrides: `submission/inet/smtpd_recipient_restrictions = permit_mynetworks, ${ASK}, reject\nsubmission/inet/smtpd_relay_restrictions =`,
      want: [
        ['ok', undefined],
        ['error', 'open-relay'],
      ],
      wantAbout: 'smtpd_recipient_restrictions of submission/inet',
      wantRemedy: [
        `postconf -e 'submission_recipient_restrictions = ${GOOD}, reject' && postconf -P 'submission/inet/smtpd_recipient_restrictions=$submission_recipient_restrictions'`,
      ],
    },
    {
      label: 'as Postfix printed it: the class is in the right place, those who may submit have been let through',
      set: recordedOutput('set.txt'),
      services: recordedOutput('services.txt'),
      overrides: recordedOutput('overrides.txt'),
      want: [
        ['ok', undefined],
        ['ok', undefined],
        ['ok', undefined],
      ],
    },
    {
      label: 'a server whose lists let nobody pass has no users of its own',
      set: `smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = reject_unauth_destination, ${ASK}`,
      want: [['ok', undefined]],
    },
  ]
  for (const { label, set, services, overrides = '', want, wantAbout, wantRemedy } of cases) {
    const postfix = postfixOf({ set, overrides, ...(services === undefined ? {} : { services }) })
    const { lists, uses } = usesOf(postfix)
    const found = checkPlacement(postfix, lists, uses, remedies)
    t.strictSame(
      found.map(({ level, code }) => [level, code]),
      want,
      label,
    )
    const bad = found.find(({ level }) => level !== 'ok')
    if (wantAbout) t.equal(bad?.about, wantAbout, label)
    if (wantRemedy) t.strictSame(bad?.remedy, wantRemedy, `${label}: remedy`)
  }
  t.end()
})

t.test('what a remedy leads to is in order', t => {
  const lists = [
    `${ASK}, permit_mynetworks, reject_unauth_destination`,
    `permit_mynetworks, ${ASK}`,
    `reject_rbl_client x, ${ASK}, permit`,
    `warn_if_reject ${ASK}, reject`,
    `permit, ${ASK}`,
  ]
  for (const relay of ['yes', 'no'])
    for (const sasl of ['yes', 'no'])
      for (const list of lists) {
        const settings = `smtpd_relay_before_recipient_restrictions = ${relay}\nsmtpd_sasl_auth_enable = ${sasl}\nsmtpd_relay_restrictions =`
        const check = (value: string): readonly { level: string; remedy: readonly string[] }[] => {
          const postfix = postfixOf({ set: `${settings}\nsmtpd_recipient_restrictions = ${value}` })
          const { lists, uses } = usesOf(postfix)
          return checkPlacement(postfix, lists, uses, remedies)
        }
        const better = /restrictions = (.*)'$/.exec(check(list)[0]?.remedy[0] ?? '')?.[1] ?? ''
        t.not(better, '', `${list}: something is wrong with it`)
        t.strictSame(
          check(better).map(({ level }) => level),
          ['ok'],
          `${list} → ${better}`,
        )
      }
  t.end()
})

t.test('nothing asks', t => {
  const cases: [label: string, set: string, want: string][] = [
    ['an empty list', '', `permit_mynetworks, ${ASK}`],
    [
      'a list with an end',
      'smtpd_recipient_restrictions = permit_mynetworks, reject_unauth_destination, permit',
      `${GOOD}, permit`,
    ],
    ['nobody guards', 'smtpd_relay_restrictions =', GOOD],
  ]
  for (const [label, set, want] of cases) {
    const postfix = postfixOf({ set })
    t.match(
      nobodyAsks(postfix, usesOf(postfix).lists, 'unix:private/policy', remedies),
      { level: 'error', code: 'not-asked', remedy: [recipient(want)] },
      label,
    )
  }
  t.end()
})

t.test('whoever is asked and is not there', t => {
  const cases: {
    label: string
    asked: string
    services?: string
    sockets?: string[]
    want: [text: RegExp, remedy: string][]
  }[] = [
    { label: 'a service of master.cf', asked: 'unix:private/policy', want: [] },
    {
      label: 'a slip of the pen',
      asked: 'unix:private/polcy',
      want: [[/no such service, and all mail is deferred$/, recipient(ASK)]],
    },
    {
      label: 'private for public',
      asked: 'unix:private/policy',
      services: POLICY.replace('unix -', 'unix n'),
      want: [[/master\.cf has policy\/unix, which is public/, recipient(ASK)]],
    },
    {
      label: 'a socket that another program keeps there',
      asked: 'unix:private/greylist',
      sockets: ['private/greylist'],
      want: [],
    },
    { label: 'a socket elsewhere', asked: 'unix:/run/x.sock', want: [] },
    { label: 'a port', asked: 'inet:127.0.0.1:10023', want: [] },
    {
      label: 'another service, while ours is asked',
      asked: `unix:private/spf, ${ASK}`,
      want: [[/no such service/, `add the service to master.cf, or: ${recipient(ASK)}`]],
    },
    { label: 'neither', asked: 'private/policy', want: [[/neither unix:PATH nor inet:HOST:PORT/, recipient(ASK)]] },
  ]
  for (const { label, asked, services, sockets = [], want } of cases) {
    const postfix = postfixOf({
      set: `smtpd_recipient_restrictions = check_policy_service ${asked}`,
      services: SMTPD + (services ?? POLICY),
    })
    const found = checkEndpoints(
      postfix,
      usesOf(postfix).uses,
      path => sockets.includes(path),
      'unix:private/policy',
      remedies,
    )
    t.match(
      found,
      want.map(([text, remedy]) => ({ code: 'endpoint-unknown', level: 'error', text, remedy: [remedy] })),
      label,
    )
    t.equal(found.length, want.length, label)
  }
  const inClass = postfixOf({
    set: 'smtpd_restriction_classes = weigh\nweigh = check_policy_service { unix:private/none, timeout=9s }\nsmtpd_recipient_restrictions = weigh',
  })
  t.match(
    checkEndpoints(inClass, usesOf(inClass).uses, () => false, 'unix:private/policy', remedies),
    [{ remedy: ["postconf -e 'weigh = check_policy_service { unix:private/policy, timeout=9s }'"] }],
  )
  t.end()
})
