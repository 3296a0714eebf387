import t from 'tap'
import { shownHost } from '../../src/lists/shown-host.ts'

const KEY = 'abcdefghijklmnopqrstuvwxyz'
const CONFIGURED = [
  { zone: 'dq.example.net', words: 'domain secret' },
  { zone: 'zen.dq.spamhaus.net', words: 'ipv4' },
]

t.test('a host is shown without the key', t => {
  const cases: [label: string, host: string, want: string][] = [
    ['an ordinary one', 'zen.spamhaus.org', 'zen.spamhaus.org'],
    ['an unknown one', 'list.example', 'list.example'],
    ['zen', `${KEY}.zen.dq.spamhaus.net`, 'zen.dq.spamhaus.net'],
    ['dbl', `${KEY}.dbl.dq.spamhaus.net`, 'dbl.dq.spamhaus.net'],
    ['zrd', `${KEY}.zrd.dq.spamhaus.net`, 'zrd.dq.spamhaus.net'],
    ['authbl', `${KEY}.authbl.dq.spamhaus.net`, 'authbl.dq.spamhaus.net'],
    ['a list of the service that nobody knows', `${KEY}.hbl.dq.spamhaus.net`, 'hbl.dq.spamhaus.net'],
    ['a short key', 'k.zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    ['a key in the wrong place', `zen.${KEY}.dq.spamhaus.net`, 'dq.spamhaus.net'],
    ['a key behind something else', `x.${KEY}.zen.dq.spamhaus.net`, 'zen.dq.spamhaus.net'],
    ['a key without list', `${KEY}.dq.spamhaus.net`, 'dq.spamhaus.net'],
    ['a list without key', 'zen.dq.spamhaus.net', 'zen.dq.spamhaus.net'],
    ['the service', 'dq.spamhaus.net', 'dq.spamhaus.net'],
    ['Abusix combined', `${KEY}.combined.mail.abusix.zone`, 'combined.mail.abusix.zone'],
    ['Abusix black', `${KEY}.black.mail.abusix.zone`, 'black.mail.abusix.zone'],
    ['Abusix, any other', `${KEY}.nod.mail.abusix.zone`, 'nod.mail.abusix.zone'],
    ['a name that merely ends alike', `${KEY}.notdq.spamhaus.net`, `${KEY}.notdq.spamhaus.net`],
    ['a configured zone', `${KEY}.bl.dq.example.net`, 'bl.dq.example.net'],
  ]
  for (const [label, host, want] of cases) t.equal(shownHost(host, CONFIGURED), want, label)
  t.equal(shownHost(`${KEY}.dq.example.net`, []), `${KEY}.dq.example.net`, 'without the row')
  t.end()
})
