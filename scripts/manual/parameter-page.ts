/**
 * The manual page policyd-weight.conf(5).
 *
 *   the table of parameters → roff: a section for each topic, a paragraph for each parameter with its default
 *
 * Pure, no errors.
 */
import { explainParameter, renderDefault } from '../../src/cli/defaults.ts'
import { type Parameter, sigilOf } from '../../src/config/parameters/parameter.ts'
import { PARAMETER_TOPICS } from '../../src/config/parameters/topics.ts'
import type { Edition } from './command-page.ts'
import { bold, entry, escapeRoff, example, line, section, title } from './roff.ts'

/** The whole page. */
export function renderParameterPage({ version, date }: Edition): string {
  return [
    title('policyd-weight.conf', 5, date, version, 'File Formats'),
    section('Name'),
    'policyd\\-weight.conf \\- configuration of policyd\\-weight\n',
    section('Description'),
    ...DESCRIPTION.map((text, index) => `${index > 0 ? '.PP\n' : ''}${line(text)}`),
    example(EXAMPLE),
    ...PARAMETER_TOPICS.flatMap(topic => [section(topic.title), ...topic.parameters.map(renderParameter)]),
    section('See also'),
    `${bold('policyd-weight')}(8)\n`,
  ].join('')
}

const DESCRIPTION = [
  'The first of these that exists is read: /etc/policyd-weight.conf, /etc/postfix/policyd-weight.cf, /usr/local/etc/policyd-weight.conf; the option -f names another. What is not set keeps its default. Without a file the defaults serve, those of the profile classic.',
  'The file looks like Perl but is data: it is parsed, never run. It has assignments, comments that begin with #, and nothing else. Values are numbers, texts in single or double quotes, lists in parentheses, regular expressions qr/.../, names of other parameters, texts joined with a dot and sums; push adds to a list, .= to a text. Code, such as if or sub, is left out with its block.',
  'A parameter whose value cannot be used has its default, and all others count. Of $REJECTLEVEL, $MAXDNSBLSCORE and $MAXDNSBLHITS a value that cannot be used rejects nothing. Accepted mail and the log say so, and "policyd-weight check" says where the error is. A file that cannot be read, or that anybody may write to, is not used at all: the defaults serve. "policyd-weight defaults" prints a complete file, "policyd-weight config" what serves.',
]

const EXAMPLE = "$REJECTLEVEL = 2;\n$REJECTMSG = '550 No, thank you';\n@helo_score = (1.5, -2);\n"

function renderParameter(parameter: Parameter): string {
  const name = `${sigilOf(parameter.kind)}${parameter.name}`
  const value = renderDefault(parameter, 'classic')
  const modern = parameter.modern === undefined ? '' : ` In the profile modern: ${modernValue(parameter)}`
  const text = line(`${explainParameter(parameter)}${modern}`)
  if (value.includes('\n')) return entry(bold(name), `${text}${example(`${name} = ${value};`)}`)
  return entry(`${bold(name)} = ${escapeRoff(value)};`, text)
}

/** `0.5, -2.`; of lists, that they stand elsewhere. */
function modernValue(parameter: Parameter): string {
  const value = renderDefault(parameter, 'modern')
  return value.includes('\n') ? 'see "policyd-weight defaults".' : `${value}.`
}
