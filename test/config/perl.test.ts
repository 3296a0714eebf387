import t from 'tap'
import { type Expression, parsePerl, type Term } from '../../src/config/perl.ts'

/** What a text assigns, in short: `$NAME=1`, `@NAME=(1|2)`; faults as `!offset`. */
function parse(text: string): string[] {
  const { assignments, faults } = parsePerl(text)
  const all = [
    ...assignments.map(({ at, sigil, name, values }) => {
      const shown = values.map(showValue).join('|')
      return { at, text: `${sigil}${name}=${sigil === '@' ? `(${shown})` : shown}` }
    }),
    ...faults.map(({ at }) => ({ at, text: `!${at}` })),
  ]
  return all.sort((a, b) => a.at - b.at).map(({ text }) => text)
}

function showValue({ terms }: Expression): string {
  return terms.map(showTerm).join('.')
}

function showTerm(term: Term): string {
  switch (term.kind) {
    case 'number':
      return String(term.value)
    case 'undef':
      return 'undef'
    case 'reference':
      return `<${term.name}>`
    case 'pattern':
      return `/${term.source}/${term.flags}`
    case 'text':
      return `'${term.parts.map(part => (part.kind === 'characters' ? part.text : `<${part.kind === 'reference' ? part.name : '@'}>`)).join('')}'`
  }
}

t.test('what is configuration', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['nothing', '', []],
    ['a number', '$A = 1;', ['$A=1']],
    ['signs', '$A = -1.5; $B = +2; $C = - 3; $D = -0;', ['$A=-1.5', '$B=2', '$C=-3', '$D=0']],
    ['the last semicolon may be missing', '$A = 1', ['$A=1']],
    ['my and our', 'my $A = 1; our @B = (2);', ['$A=1', '@B=(2)']],
    ['constants', '$A = 1; 1; 0;;;', ['$A=1']],
    ['joined texts', '$A = \'a\' . "b" . 1.5 . $C;', ["$A='a'.'b'.1.5.<C>"]],
    ['references in texts', '$A = "x$B";', ["$A='x<B>'"]],
    ['parentheses', "$A = ('a') . (('b' . 'c'));", ["$A='a'.'b'.'c'"]],
    ['undef', '$A = undef;', ['$A=undef']],
    ['lists', "@A = (1, 'b', undef, $C);", ["@A=(1|'b'|undef|<C>)"]],
    ['an empty list', '@A = ();', ['@A=()']],
    ['trailing and doubled commas', '@A = (1,,2,);', ['@A=(1|2)']],
    ['fat commas', "@A = ('a' => 1);", ["@A=('a'|1)"]],
    ['lists in lists', '@A = ((1, 2), (), 3);', ['@A=(1|2|3)']],
    ['words', '@A = qw(a b); @B = (qw/c d/, 1);', ["@A=('a'|'b')", "@B=('c'|'d'|1)"]],
    ['patterns', '@A = (qr/a/, qr{b}ix);', ['@A=(/a/|/b/ix)']],
    ['a list without parentheses', '@A = qr/a/;', ['@A=(/a/)']],
    ['over lines, with comments', '@A = ( # one\n  1, # two\n\n  2\n) # three\n;', ['@A=(1|2)']],
    ['documentation', '=pod\n\n$A = 1;\n\n=cut\n\n$B = 2;\n\n=head1 C\n\n$C = 3;', ['$B=2']],
    ['documentation between statements', '$A = 1;\n=pod\n\nx\n=cut\n$B = 2;', ['$A=1', '$B=2']],
    ['the end', '$A = 1;\n__END__\n$B = (', ['$A=1']],
    ['the end of data', '$A = 1; __DATA__ \n$B = (', ['$A=1']],
  ]
  for (const [label, text, want] of cases) t.same(parse(text), want, label)
  t.end()
})

t.test('what is none, and where it goes on', t => {
  const cases: [label: string, text: string, want: string[]][] = [
    ['a word', '$A = foo; $B = 1;', ['!5', '$B=1']],
    ['a function', "$A = join(';', 1); $B = 1;", ['!5', '$B=1']],
    ['a condition', 'if ($X) { $A = 1; } $B = 1;', ['!0', '$B=1']],
    ['a condition that holds two assignments', 'if (1) {\n$A = 1; $B = 2;\n}\n$C = 3;', ['!0', '$B=2', '$C=3']],
    ['a file', "require 'x.pl'; $B = 1;", ['!0', '$B=1']],
    ['a here-document', '$A = <<EOT;\n$X = 1;\nx;\nEOT\n$B = 1;', ['!5', '$B=1']],
    ['a quoted here-document', '$A = <<~"E T";\n', ['!5']],
    ['a here-document without an end', '$A = <<EOT; $B = 1;', ['!5', '$B=1']],
    ['an element', '$A[0] = 1; $B = 1;', ['!0', '$B=1']],
    ['a hash', '%A = (1); $B = 1;', ['!0', '$B=1']],
    ['another assignment', '$A .= 1; $B = 1;', ['!3', '$B=1']],
    ['a comparison', '$A == 1; $B = 1;', ['!3', '$B=1']],
    ['two values', '$A = 1 2; $B = 1;', ['!7', '$B=1']],
    ['a comma is missing', "@A = ('a' 'b'); $B = 1;", ['!10', '$B=1']],
    ['a parenthesis is missing', "@A = ('a'; $B = 1;", ['!9', '$B=1']],
    ['a parenthesis too many', '@A = (1)); $B = 1;', ['!8', '$B=1']],
    ['a semicolon is missing', '$A = 1\n$B = 2; $C = 3;', ['!7', '$C=3']],
    ['no value', '$A = ; $B = 1;', ['!5', '$B=1']],
    ['no name', 'my = 1; $B = 1;', ['!3', '$B=1']],
    ['a declaration', 'my $A; $B = 1;', ['!5', '$B=1']],
    ['a list is copied', '@A = @B; $C = 1;', ['!5', '$C=1']],
    ['a list is joined', "$A = 'a' . (1, 2); $B = 1;", ['!17', '$B=1']],
    ['a negative text', "$A = -'a'; $B = 1;", ['!6', '$B=1']],
    ['a text that is not closed', "$A = 'a; $B = 1;", ['!5', '$B=1']],
    ['a semicolon in a text of a faulty statement', '$A = foo \'a;b\', "c;d"; $B = 1;', ['!5', '$B=1']],
    ['a fault in a text with a semicolon', '$A = "a $) b; c"; $B = 1;', ['!8', '$B=1']],
    ['a brace that closes nothing', '} $B = 1; $C = 1;', ['!0', '$C=1']],
    ['the end of the file', '$A =', ['!4']],
    ['two faults', '$A = x; $B = y; $C = 1;', ['!5', '!13', '$C=1']],
  ]
  for (const [label, text, want] of cases) t.same(parse(text), want, label)
  t.end()
})

t.test('places of names and values', t => {
  const text = "$A = 1;\n@B = ('a' . 'b', qw(c));"
  const { assignments } = parsePerl(text)
  t.same(
    assignments.map(({ at, end }) => text.slice(at, end)),
    ['$A', '@B'],
  )
  t.same(
    assignments[1]?.values.map(({ at, end }) => text.slice(at, end)),
    ["'a' . 'b'", 'c'],
  )
  t.end()
})

t.test('bounds', t => {
  t.same(parse(`$A = ${'('.repeat(32)}1${')'.repeat(32)};`), ['$A=1'], '32 parentheses')
  t.same(parse(`$A = ${'('.repeat(33)}1${')'.repeat(33)}; $B = 1;`), ['!37', '$B=1'], '33 parentheses')
  t.equal(parsePerl('$A = x; '.repeat(60)).faults.length, 50, 'faults')
  t.equal(parsePerl('$A = x; '.repeat(60)).cutAt, 400, 'where reading stopped')
  t.equal(parsePerl('$A = 1;'.repeat(5001)).assignments.length, 5000, 'statements')
  t.equal(parsePerl(`@A = (${'1,'.repeat(4000)});`).faults.length, 0, 'as many values as a list may have')
  t.equal(parsePerl(`@A = (${'1,'.repeat(4001)});`).faults.length, 1, 'more than that')
  t.end()
})
