/**
 * Constants, fields of constant objects, parameters and columns of tables that nobody reads.
 *
 *   tree.ts: Tree → findUnread → faults → check-references.ts
 *
 * Read is what the own file uses, or a file that imports it. Of an exported object whose fields are all that anybody asks for,
 * each field has to be asked for. A parameter has to be read somewhere in src/ unless its doc says "Accepted and not used", and
 * then it must not be; so has each column of the tables in COLUMNS, here or in scripts/.
 *
 * By names alone, without types: what has the name of something that is read passes.
 *
 * Pure, no errors.
 */
import ts from 'typescript'
import { importsOf } from './drawings.ts'
import type { Fault, Tree } from './tree.ts'

/** Interfaces whose fields are columns of a table, by file. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  'src/config/parameters/parameter.ts': ['ParameterOfKind'],
  'src/lists/zone.ts': ['Zone', 'Refusal', 'TestEntries'],
}
const PARAMETERS = 'src/config/parameters/'
const NOT_USED = 'Accepted and not used'

/** What a file does with names. */
interface Uses {
  /** How often a name stands there. */
  readonly names: Map<string, number>
  /** Fields that are asked for, by name; `NAME.field` as well, where it is asked of a plain name. */
  readonly fields: Set<string>
  /** How often a name stands there as `NAME.field`. */
  readonly owners: Map<string, number>
}

export function findUnread(tree: Tree): Fault[] {
  const sources = [...tree].flatMap(([path, text]) =>
    path.endsWith('.ts') ? [ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)] : [],
  )
  const uses = new Map(sources.map(source => [source.fileName, usesOf(source)]))
  const importers = new Map<string, string[]>()
  for (const edge of importsOf(tree)) {
    const [from = '', to = ''] = edge.split(' ')
    importers.set(to, [...(importers.get(to) ?? []), from])
  }
  const ofProgram = fieldsOf(uses, /^(?:src|scripts|testkit)\//)
  const ofService = fieldsOf(uses, /^src\/(?!config\/parameters\/)/)
  return sources.flatMap(source => {
    const path = source.fileName
    const readers = [path, ...(importers.get(path) ?? [])].flatMap(each => uses.get(each) ?? [])
    return [
      ...unreadConstants(source, readers),
      ...unreadColumns(source, ofProgram),
      ...(path.startsWith(PARAMETERS) ? misreadParameters(source, ofService) : []),
    ]
  })
}

function fieldsOf(uses: ReadonlyMap<string, Uses>, paths: RegExp): ReadonlySet<string> {
  return new Set([...uses].flatMap(([path, { fields }]) => (paths.test(path) ? [...fields] : [])))
}

function usesOf(source: ts.SourceFile): Uses {
  const uses: Uses = { names: new Map(), fields: new Set(), owners: new Map() }
  const count = (map: Map<string, number>, name: string): void => void map.set(name, (map.get(name) ?? 0) + 1)
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) count(uses.names, node.text)
    else if (ts.isPropertyAccessExpression(node)) {
      uses.fields.add(node.name.text)
      if (ts.isIdentifier(node.expression)) {
        count(uses.owners, node.expression.text)
        uses.fields.add(`${node.expression.text}.${node.name.text}`)
      }
    } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      uses.fields.add((node.propertyName ?? node.name).getText(source))
    } else if (ts.isStringLiteralLike(node)) uses.fields.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return uses
}

function unreadConstants(source: ts.SourceFile, readers: readonly Uses[]): Fault[] {
  return source.statements.filter(isExportedVariable).flatMap(({ declarationList }) =>
    declarationList.declarations.flatMap(({ name, initializer }) => {
      const constant = name.getText(source)
      const total = sum(readers, ({ names }) => names.get(constant)) - 1
      // An import is a mention, too.
      const importing = readers.filter(({ names }, index) => index > 0 && names.has(constant)).length
      if (total === 0) return [fault(source, name, `nobody reads ${constant}`)]
      const table = initializer && objectOf(initializer)
      if (!table || total - importing !== sum(readers, ({ owners }) => owners.get(constant))) return []
      return table.properties.flatMap(({ name }) => {
        if (!name || !ts.isIdentifier(name)) return []
        const field = `${constant}.${name.text}`
        return readers.some(({ fields }) => fields.has(field)) ? [] : [fault(source, name, `nobody reads ${field}`)]
      })
    }),
  )
}

function isExportedVariable(statement: ts.Statement): statement is ts.VariableStatement {
  return (
    ts.isVariableStatement(statement) &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true
  )
}

/** `{ … }`, with `as const` or `satisfies …` behind it or not. */
function objectOf(node: ts.Expression): ts.ObjectLiteralExpression | undefined {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return objectOf(node.expression)
  return ts.isObjectLiteralExpression(node) ? node : undefined
}

function unreadColumns(source: ts.SourceFile, fields: ReadonlySet<string>): Fault[] {
  return source.statements
    .filter(ts.isInterfaceDeclaration)
    .filter(({ name }) => COLUMNS[source.fileName]?.includes(name.text))
    .flatMap(({ name: table, members }) =>
      members.flatMap(({ name }) =>
        name && !fields.has(name.getText(source))
          ? [fault(source, name, `nobody reads the column ${name.getText(source)} of ${table.text}`)]
          : [],
      ),
    )
}

/** Rows have a `name` and a `doc`. */
function misreadParameters(source: ts.SourceFile, fields: ReadonlySet<string>): Fault[] {
  const faults: Fault[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const name = textOf(node, 'name')
      const doc = textOf(node, 'doc')
      if (name !== undefined && doc !== undefined && doc.startsWith(NOT_USED) === fields.has(name))
        faults.push(
          fault(source, node, fields.has(name) ? `${name} is read, and said not to be` : `nobody reads ${name}`),
        )
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return faults
}

function textOf(row: ts.ObjectLiteralExpression, column: string): string | undefined {
  const cell = row.properties.find(({ name }) => name?.getText() === column)
  return cell && ts.isPropertyAssignment(cell) && ts.isStringLiteralLike(cell.initializer)
    ? cell.initializer.text
    : undefined
}

function sum<T>(all: readonly T[], value: (one: T) => number | undefined): number {
  return all.reduce((total, one) => total + (value(one) ?? 0), 0)
}

function fault(source: ts.SourceFile, node: ts.Node, message: string): Fault {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
  return { file: source.fileName, line: line + 1, message }
}
