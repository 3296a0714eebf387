import t from 'tap'
import { PARAMETERS as ROWS } from '../../../src/config/parameters/known-parameters.ts'
import { derivedDefault, type Parameter, sigilOf } from '../../../src/config/parameters/parameter.ts'
import { builtinConfig } from '../../../src/config/parameters/parameters.ts'
import { PARAMETER_TOPICS } from '../../../src/config/parameters/topics.ts'

const PARAMETERS = PARAMETER_TOPICS.flatMap(topic => topic.parameters)

t.test('every parameter is there once, documented and with a default of its kind', t => {
  const names = new Set<string>()
  const typeOfDefault = (parameter: Parameter): string =>
    derivedDefault(parameter) ? 'string' : Array.isArray(parameter.default) ? 'array' : typeof parameter.default
  const wantType: Record<Parameter['kind'], string> = {
    switch: 'boolean',
    count: 'number',
    score: 'number',
    seconds: 'number',
    duration: 'number',
    text: 'string',
    message: 'string',
    words: 'array',
    'score-pair': 'object',
    lists: 'array',
    zones: 'array',
    patterns: 'array',
    labels: 'array',
    names: 'array',
  }
  for (const parameter of PARAMETERS) {
    t.notOk(names.has(parameter.name), `${parameter.name} is declared once`)
    names.add(parameter.name)
    t.equal(typeOfDefault(parameter), wantType[parameter.kind], `${parameter.name} has a default of its kind`)
    t.match(parameter.doc, /^[A-Z0-9].*\.$/, `${parameter.name} is documented in sentences`)
    if (parameter.range && typeof parameter.default === 'number') {
      const [least, greatest] = parameter.range
      t.ok(
        parameter.default >= least && parameter.default <= greatest,
        `${parameter.name} defaults to within its range`,
      )
    }
  }
  t.equal(names.size, 118)
  t.end()
})

t.test('the built-in values are the documented ones', t => {
  const config = builtinConfig()
  t.match(config, {
    REJECTLEVEL: 1,
    DEFER_STRING: ['IN_SPAMCOP=', 'BOGUS_MX='],
    DEFER_ACTION: '450',
    ADD_X_HEADER: true,
    dnsbl_checks_only: false,
    dnsbl_checks_only_regexps: [],
    MAXDNSBLSCORE: 8,
    PTIME: 10_800,
    TEMP_PTIME: 86_400,
    NS: [],
    helo_score: { bad: 1.5, good: -2 },
    helo_ip_in_cl16_subnet: { bad: 0, good: -0.41 },
    TCP_PORT: 12_525,
    LOGFILE: '',
    faulty: false,
  })
  t.same(config.dnsbl_score[2], {
    host: 'bl.spamcop.net',
    filter: { kind: 'filter', octets: [127, 0, 0, 2].map(octet => [{ first: octet, last: octet }]) },
    hit: 3.75,
    miss: -1.5,
    label: 'SPAMCOP',
  })
  t.same(
    config.rhsbl_score.map(({ host, filter, label }) => [host, filter === undefined, label]),
    [
      ['dbl.spamhaus.org', false, 'DBL_SPAMHAUS'],
      ['multi.surbl.org', true, 'SURBL'],
    ],
  )
  t.end()
})

t.test('what follows another parameter follows its configured value', t => {
  const config = builtinConfig({ REJECTMSG: '554 No', LOCKPATH: '/run/x', USER: 'mail' })
  t.equal(config.CACHEREJECTMSG, '554 No [cached]')
  t.equal(config.SPATH, '/run/x/polw.sock')
  t.equal(config.GROUP, 'mail')
  const set = builtinConfig({ REJECTMSG: '554 No', CACHEREJECTMSG: '554 Again', GROUP: 'nogroup' })
  t.equal(set.CACHEREJECTMSG, '554 Again')
  t.equal(set.GROUP, 'nogroup')
  t.end()
})

t.test('overrides replace values, also by empty and false ones', t => {
  const config = builtinConfig({
    CLIENTDNSERRMSG: '',
    ADD_X_HEADER: false,
    dnsbl_score: [],
    REJECTLEVEL: 0,
    faulty: true,
  })
  t.match(config, { CLIENTDNSERRMSG: '', ADD_X_HEADER: false, dnsbl_score: [], REJECTLEVEL: 0, faulty: true })
  t.end()
})

t.test('the sigil follows from the kind', t => {
  t.equal(sigilOf('score'), '$')
  t.equal(sigilOf('words'), '$')
  t.equal(sigilOf('score-pair'), '@')
  t.equal(sigilOf('lists'), '@')
  t.equal(sigilOf('patterns'), '@')
  t.end()
})

t.test('the table that the build evaluates has every parameter', t => {
  const names = PARAMETERS.map(parameter => parameter.name)
  t.strictSame(Object.keys(ROWS).sort(), names.toSorted())
  t.strictSame(Object.keys(builtinConfig()).sort(), [...names, 'faulty', 'configError'].sort())
  t.strictSame(JSON.parse(JSON.stringify(ROWS)), ROWS, 'values that JSON knows')
  t.end()
})
