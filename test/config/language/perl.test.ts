import t from 'tap'
import type { Expression } from '../../../src/config/language/expression.ts'
import { parsePerl } from '../../../src/config/language/perl.ts'
import type { Part } from '../../../src/config/language/quoted.ts'
import type { Assignment } from '../../../src/config/language/statement.ts'

/** What a text assigns, in short: `$NAME=1`, `@NAME=(1|2)`; faults as `!offset`. */
function parse(text: string): string[] {
  return parsePerl(text).statements.map(statement =>
    statement.kind === 'faulty' ? `!${statement.fault.at}` : showAssignment(statement),
  )
}

function showAssignment({ targets, isList, operator, values }: Assignment): string {
  const names = targets.map(({ sigil, name, index }) => `${sigil}${name}${index === undefined ? '' : `[${index}]`}`)
  const shown = values.map(showValue).join('|')
  const sign = operator === 'push' || operator === 'unshift' ? ` ${operator} ` : operator === '=' ? '=' : `${operator}=`
  return `${isList ? `(${names})` : names}${sign}${isList || names[0]?.startsWith('@') ? `(${shown})` : shown}`
}

function showValue(value: Expression): string {
  switch (value.kind) {
    case 'number':
      return String(value.value)
    case 'undef':
      return 'undef'
    case 'reference':
      return `<${value.name}>`
    case 'list':
      return `<@${value.name}>`
    case 'element':
      return `<${value.name}[${value.index}]>`
    case 'negative':
      return `-${showValue(value.operand)}`
    case 'pattern':
      return `/${showParts(value.parts)}/${value.flags}`
    case 'text':
      return `'${showParts(value.parts)}'`
    case 'chain':
      return [showValue(value.first), ...value.rest.map(({ operator, operand }) => operator + showValue(operand))].join(
        '',
      )
  }
}

function showParts(parts: readonly Part[]): string {
  return parts.map(showPart).join('')
}

function showPart(part: Part): string {
  switch (part.kind) {
    case 'characters':
      return part.text
    case 'reference':
      return `<${part.name}>`
    case 'case':
      return `\\${part.change}`
    case 'array':
      return '<@>'
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
    ['octal, hexadecimal and binary numbers', '$A = 0644; $B = 0x1F; $C = 0b101;', ['$A=420', '$B=31', '$C=5']],
    ['numbers that are calculated', '$A = 60 * 60 + -$B; $C = 2 - 1;', ['$A=60*60+-<B>', '$C=2-1']],
    ['words that quote themselves', '@A = (a => 1);', ["@A=('a'|1)"]],
    ['lists that are copied', '@A = (@A, 1, @B); @C = @D;', ['@A=(<@A>|1|<@B>)', '@C=(<@D>)']],
    [
      'values that are added',
      'push @A, 1, 2; push(@A, (3)); unshift @A, 4;',
      ['@A push (1|2)', '@A push (3)', '@A unshift (4)'],
    ],
    ['texts and numbers that are added', "$A .= 'a'; $B += 1; $C ||= 2;", ["$A.='a'", '$B+=1', '$C||=2']],
    ['several at once', '($A, undef, @B) = (1, 2, 3);', ['($A,$,@B)=(1|2|3)']],
    ['one behind the other', '$A = $B = 1; $C = 1, $D = 2;', ['$B=1', '$A=<B>', '$C=1', '$D=2']],
    ['elements', '$A[1] = $B[-1];', ['$A[1]=<B[-1]>']],
    ['nothing any more', 'undef $A; undef(@B); $C = undef();', ['$A=undef', '@B=()', '$C=undef']],
    [
      'pragmas and declarations',
      'use strict; no warnings "once"; use 5.010; package main; our $A; my ($B, @C); $D = 1;',
      ['$D=1'],
    ],
    ['other notations of names', '$main::A = 1; @::B = (2);', ['$A=1', '@B=(2)']],
    ['braces around', '{ $A = 1; { $B = 2 } } $C = 3;', ['$A=1', '$B=2', '$C=3']],
    ['what follows return', '$A = 1; return 1; $B = 2;', ['$A=1']],
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
    ['a condition that holds two assignments', 'if (1) {\n$A = 1; $B = 2;\n}\n$C = 3;', ['!0', '$C=3']],
    ['conditions behind each other', 'if (1) { $A = 1 } elsif (2) { $A = 2 } else { $A = 3 } $C = 3;', ['!0', '$C=3']],
    [
      'a function with quotes and patterns',
      'sub f { return q(}) if $_ =~ /}/; s/}/x/; tr{}{} } $B = 1;',
      ['!0', '$B=1'],
    ],
    ['a loop', 'for (my $i = 0; $i < 3; $i++) { $A = 1; } $B = 1;', ['!0', '$B=1']],
    ['a condition behind', '$A = 1 if $X; $B = 1;', ['!7', '$B=1']],
    ['a brace that never closes', 'if ($X) { $A = 1;\n$B = 1;', ['!0', '$B=1']],
    ['a file', "require 'x.pl'; $B = 1;", ['!0', '$B=1']],
    ['a here-document', '$A = <<EOT;\n$X = 1;\nx;\nEOT\n$B = 1;', ['!5', '$B=1']],
    ['a quoted here-document', '$A = <<~"E T";\n', ['!5']],
    ['a here-document without an end', '$A = <<EOT; $B = 1;', ['!5', '$B=1']],
    ['an element that is calculated', '$A[$i] = 1; $B = 1;', ['!3', '$B=1']],
    ['a hash', '%A = (1); $B = 1;', ['!0', '$B=1']],
    ['another assignment', '$A **= 1; $B = 1;', ['!3', '$B=1']],
    ['a comparison', '$A == 1; $B = 1;', ['!3', '$B=1']],
    ['two values', '$A = 1 2; $B = 1;', ['!7', '$B=1']],
    ['a comma is missing', "@A = ('a' 'b'); $B = 1;", ['!10', '$B=1']],
    ['a parenthesis is missing', "@A = ('a'; $B = 1;", ['!9', '$B=1']],
    ['a parenthesis too many', '@A = (1)); $B = 1;', ['!8', '$B=1']],
    ['a semicolon is missing: at the line that lacks it', '$A = 1\n$B = 2; $C = 3;', ['!6', '$B=2', '$C=3']],
    ['a semicolon is missing in front of the last 1', '$A = 1 # one\n1;', ['!6']],
    ['a parenthesis is missing, lines below', "@A = ('a',\n'b'\n$B = 1;\n$C = 2;", ['!15', '$B=1', '$C=2']],
    ['a quote is missing', "$A = 'a;\n$B = 1;\n$C = 'c';", ['!23', '$B=1', "$C='c'"]],
    ['typographic quotes', '$A = \u201ca;b\u201d; $B = 1;', ['!5', '$B=1']],
    ['no value', '$A = ; $B = 1;', ['!5', '$B=1']],
    ['no name', 'my = 1; $B = 1;', ['!3', '$B=1']],
    ['a list is joined', "$A = 'a' . (1, 2); $B = 1;", ['!17', '$B=1']],
    ['a negative text', "$A = -'a'; $B = 1;", ['!6', '$B=1']],
    ['a text that is not closed', "$A = 'a; $B = 1;", ['!5', '$B=1']],
    ['a semicolon in a text of a faulty statement', '$A = foo \'a;b\', "c;d"; $B = 1;', ['!5', '$B=1']],
    ['a fault in a text with a semicolon', '$A = "a $) b; c"; $B = 1;', ['!8', '$B=1']],
    ['a brace that closes nothing', '} $B = 1; $C = 1;', ['!0', '$B=1', '$C=1']],
    ['the end of the file', '$A =', ['!4']],
    ['two faults', '$A = x; $B = y; $C = 1;', ['!5', '!13', '$C=1']],
  ]
  for (const [label, text, want] of cases) t.same(parse(text), want, label)
  t.end()
})

t.test('places of names and values', t => {
  const text = "$A = 1;\n@B = ('a' . 'b', qw(c));"
  const assignments = parsePerl(text).statements.filter(({ kind }) => kind === 'assignment') as Assignment[]
  t.same(
    assignments.map(({ targets }) => targets.map(({ at, end }) => text.slice(at, end))),
    [['$A'], ['@B']],
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
  t.equal(parsePerl('$A = x; '.repeat(60)).statements.length, 50, 'faults')
  t.equal(parsePerl('$A = x; '.repeat(60)).cutAt, 400, 'where reading stopped')
  t.equal(parsePerl('$A = 1;'.repeat(5001)).statements.length, 5000, 'statements')
  t.equal(parse(`@A = (${'1,'.repeat(4000)});`)[0]?.slice(0, 4), '@A=(', 'as many values as a list may have')
  t.same(parse(`@A = (${'1,'.repeat(4001)});`), ['!5'], 'more than that')
  t.end()
})
