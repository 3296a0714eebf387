import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { profileConfig } from '../../src/config/profile.ts'
import { lookupText } from '../../src/score/appended.ts'

t.test('where a client can look its address up', t => {
  const cases: [label: string, url: string, client: string, want: string][] = [
    [
      'built in, as it always was',
      builtinConfig().LOOKUP_URL,
      '192.0.2.10',
      '; check http://www.robtex.com/rbl/192.0.2.10.html',
    ],
    ['in the profile modern the text itself says where', profileConfig('modern').LOOKUP_URL, '192.0.2.10', ''],
    ['none', '', '192.0.2.10', ''],
    ['IPv6', 'https://x.example/?ip=%{client}', '2001:0db8::1', '; check https://x.example/?ip=2001:0db8::1'],
    ['twice', '%{client}/%{client}', '192.0.2.10', '; check 192.0.2.10/192.0.2.10'],
    ['without the client', 'https://x.example/', '192.0.2.10', '; check https://x.example/'],
    ['with anything else, which stays', '%{helo} %{Client} $&', '192.0.2.10', '; check %{helo} %{Client} $&'],
    ['of two lines', 'a\nb', '192.0.2.10', '; check a b'],
  ]
  for (const [label, url, client, want] of cases) t.equal(lookupText(url, client), want, label)
  t.end()
})
