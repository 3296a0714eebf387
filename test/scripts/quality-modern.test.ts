/**
 * What the profile modern promises on the corpus: how much it may get wrong, how far good mail of large providers stands from
 * being stopped, and how many queries more than classic it costs.
 */
import t from 'tap'
import { count, measure, PARTS, readCorpus } from '../../scripts/quality/corpus.ts'
import { configurationNamed } from '../../scripts/quality/engines.ts'
import { marginsOf } from '../../scripts/quality/margins.ts'
import { type Config, ours } from '../../scripts/quality/ours.ts'

const { config: MODERN } = configurationNamed('modern')
const { config: CLASSIC } = configurationNamed('classic')
/** Beside what an SPF record leads to. */
const MORE_QUERIES = 6

t.test('no good mail is refused, and little spam accepted', async t => {
  const { refused, deferred, accepted } = count(await measure(ours('', '', MODERN), readCorpus('given')))
  t.equal(refused, 0)
  t.ok(deferred <= 1, `${deferred} deferred`)
  t.ok(accepted <= 4, `${accepted} spam accepted`)
})

t.test('good mail of large providers stands well below the level, and no shared list refuses it', async t => {
  const margins = await marginsOf(MODERN, PARTS.flatMap(readCorpus))
  t.ok(margins.length > 20)
  for (const { mail, margin, verdict, stoppedBy } of margins) {
    t.equal(verdict, 'accept', mail.id)
    t.ok(margin !== undefined && margin >= 1, `${mail.id}: ${margin}`)
    t.same(
      stoppedBy.filter(each => /^(?:SPAMCOP|MAILSPIKE) .* reject$/.test(each)),
      [],
      mail.id,
    )
  }
})

t.test('no good mail is refused because Postfix could not look up the name of its client', async t => {
  const engine = ours('', '', MODERN)
  let deferred = 0
  for (const mail of PARTS.flatMap(readCorpus).filter(each => each.class === 'ham')) {
    if ((await engine.verdict(mail)).verdict !== 'accept') continue
    const { verdict } = await engine.verdict({ ...mail, request: { ...mail.request, client_name: 'unknown' } })
    t.not(verdict, 'reject', mail.id)
    if (verdict === 'defer') deferred++
  }
  t.ok(deferred > 0, `${deferred} deferred`)
})

t.test('good mail costs few queries more than in classic', async t => {
  const queries = async (config: Config, id: string): Promise<number> => {
    const mail = readCorpus('given').find(mail => mail.id === id)
    return (mail && (await ours('', '', config).verdict(mail)).queries) ?? 0
  }
  // Mail without a sender is not looked up in classic at all.
  const good = readCorpus('given').filter(mail => mail.class === 'ham' && mail.request.sender !== '')
  for (const { id } of good) {
    const record = 1
    const more = (await queries({ ...MODERN, CHECK_SPF: false }, id)) + record - (await queries(CLASSIC, id))
    t.ok(more <= MORE_QUERIES, `${id}: ${more}`)
  }
})
