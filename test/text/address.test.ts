import t from 'tap'
import { networkOf, normalizeClientAddress, withoutNat64 } from '../../src/text/address.ts'

t.test('addresses in normal form', t => {
  const full = (tail: string) => `2001:0db8:0000:0000:0000:0000:${tail}`
  const cases: { address: string; want: string | undefined }[] = [
    { address: '192.0.2.1', want: '192.0.2.1' },
    { address: '255.255.255.255', want: '255.255.255.255' },
    { address: '256.0.2.1', want: undefined },
    { address: '192.0.2.01', want: undefined },
    { address: '192.0.2', want: undefined },
    { address: '192.0.2.1.5', want: undefined },
    { address: '192.0.2.1 ', want: undefined },
    { address: '2001:db8::25', want: full('0000:0025') },
    { address: '2001:DB8:0:0:0:0:0:25', want: full('0000:0025') },
    { address: '2001:db8::192.0.2.1', want: full('c000:0201') },
    { address: '::', want: '0000:0000:0000:0000:0000:0000:0000:0000' },
    { address: '::1', want: '0000:0000:0000:0000:0000:0000:0000:0001' },
    { address: '1::', want: '0001:0000:0000:0000:0000:0000:0000:0000' },
    { address: '1:2:3:4:5:6:7::', want: '0001:0002:0003:0004:0005:0006:0007:0000' },
    { address: '1:2:3:4:5:6:7:8::', want: undefined },
    { address: '1::2::3', want: undefined },
    { address: '1:2:3', want: undefined },
    { address: ':::', want: undefined },
    { address: '12345::', want: undefined },
    { address: 'g::', want: undefined },
    { address: '::192.0.2.256', want: undefined },
    { address: '', want: undefined },
    { address: 'unknown', want: undefined },
    { address: '1:'.repeat(4000), want: undefined },
  ]
  for (const { address, want } of cases) t.equal(normalizeClientAddress(address), want, address.slice(0, 60))
  t.end()
})

t.test('D4: an IPv4-mapped address is the IPv4 client, however it is written', t => {
  for (const address of ['::ffff:192.0.2.10', '::FFFF:c000:20a', '0:0:0:0:0:ffff:192.0.2.10'])
    t.equal(normalizeClientAddress(address), '192.0.2.10', address)
  t.end()
})

t.test('a client behind a NAT64 is the IPv4 address that it stands for', t => {
  t.equal(withoutNat64(normalizeClientAddress('64:ff9b::b132:a1b') ?? ''), '177.50.10.27')
  for (const address of ['64:ff9b:1::1', '64:ff9b::1:0:1', '2001:db8::1', '192.0.2.1']) {
    const normal = normalizeClientAddress(address) ?? ''
    t.equal(withoutNat64(normal), normal, address)
  }
  t.end()
})

t.test('networks of so many bits', t => {
  const one = '2001:0db8:0000:0000:8000:0000:0000:0001'
  const other = '2001:0db8:0000:0000:f000:0000:0000:0002'
  for (const [bits, same] of [
    [0, true],
    [64, true],
    [65, true],
    [66, false],
    [126, false],
    [127, false],
    [128, false],
  ] as const)
    t.equal(networkOf(one, bits) === networkOf(other, bits), same, `${bits} bits`)
  t.equal(networkOf(one, 128), one)
  t.equal(networkOf(one, 64), '20010db800000000/64')
  t.not(networkOf(one, 64), networkOf(one, 65), 'one length is never another')
  t.end()
})
