/**
 * The short table for the README: this project on the lowest Node beside the original. Pure.
 *
 * A row whose figures are not there, because something did not run, is left out.
 */
import { type Figures, type Results, renderGrid, withThousands } from './results.ts'

interface Row {
  readonly title: string
  readonly ours: string
  readonly original: string
  /** Whether less is better, as with times, or more, as with rates. */
  readonly less: boolean
  readonly digits: number
  readonly unit: string
}

const MS = { less: true, digits: 0, unit: ' ms' }
const RATE = { less: false, digits: 0, unit: '/s' }

const cold = (title: string, path: string): Row => ({
  title,
  ours: `${path}/ours-20`,
  original: `${path}/original`,
  ...MS,
})

const daemon = (title: string, kind: string): Row => ({
  title,
  ours: `daemon/${kind}/64/ours/per-second`,
  original: `daemon/${kind}/64/original/per-second`,
  ...RATE,
})

const ROWS: readonly Row[] = [
  cold('spawned process, known client', 'cold/0/ham-hit'),
  cold('spawned process, good mail, DNS answers at once', 'cold/0/good'),
  cold('… after 20 ms each', 'delays/20/good'),
  cold('… after 100 ms each', 'delays/100/good'),
  cold('spawned process, forged mail, DNS after 100 ms each', 'delays/100/forged'),
  daemon('daemon, 64 connections, known client', 'hit'),
  daemon('daemon, 64 connections, unknown client', 'miss'),
  {
    title: 'a waiting process, one of 50',
    ours: 'memory/50/ours-20/proportional',
    original: 'memory/50/original/proportional',
    less: true,
    digits: 1,
    unit: ' MB',
  },
]

export function renderSummary({ figures, date, machine }: Results): string {
  const bare = figures['cold/0/ham-hit/bare-20']
  const floor = bare === undefined ? '' : ` Bare \`node empty.js\`: ${bare.toFixed(0)} ms.`
  return `${renderGrid({
    columns: ['', 'policyd-weight', '0.1.15 (Perl)', ''],
    rows: ROWS.flatMap(row => cellsOf(row, figures)),
  })}
Measured ${date} by \`npm run bench\` on ${machine.cores} processors (${machine.cpu}); medians.${floor} The rest, with other
versions of Node and other policy daemons: [bench/RESULTS.md](bench/RESULTS.md).
`
}

function cellsOf({ title, ours, original, less, digits, unit }: Row, figures: Figures): string[][] {
  const [own, theirs] = [figures[ours], figures[original]]
  if (own === undefined || theirs === undefined) return []
  const times = (less ? theirs / own : own / theirs).toFixed(1)
  const text = (figure: number): string => withThousands(figure.toFixed(digits)) + unit
  return [[title, text(own), text(theirs), `${times} ×`]]
}
