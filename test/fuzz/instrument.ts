/**
 * Sources that count which of their blocks are run, and how often.
 *
 *   run.ts: a target's file → bundleInstrumented → one program for a worker thread, the places of its blocks, its words
 *
 * Every block of `src/` gets a number, and the program adds one to that place of an array of counters when it enters the
 * block: bodies of functions, loops, cases and catches, both branches of `if` and `?:`, right sides of `&&`, `||` and `??`.
 * The sum of all counters is how many steps an input took, which is the same on every machine, however busy it is. The
 * texts that the sources compare with are words for mutations (mutate.ts): a search never guesses `smtpd_access_policy`.
 *
 * Rejected: V8's own coverage (`Profiler.takePreciseCoverage`): it keeps code from being optimized, and asking for it after
 * each input takes longer than most inputs do. test/fuzz/README.md has the figures.
 *
 * Failure: a source that does not compile is esbuild's error. Sources: none.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import ts from 'typescript'
import { COUNTERS } from './instrument-names.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Where a block begins: `{ file: 'src/decide.ts', line: 42 }`. */
export interface Block {
  readonly file: string
  readonly line: number
}

/** A program, and what is known of it. */
export interface Instrumented {
  /** CommonJS, with its source map. */
  readonly text: string
  /** By number, which is the index of the counter. */
  readonly blocks: readonly Block[]
  /** Texts that its sources know, each once, in the order of their places. */
  readonly words: readonly string[]
}

const LOGICAL: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
  ts.SyntaxKind.AmpersandAmpersandEqualsToken,
  ts.SyntaxKind.BarBarEqualsToken,
  ts.SyntaxKind.QuestionQuestionEqualsToken,
])
const MAX_WORD_CHARACTERS = 40

/** Bundles a program (`contents` imports from the root of the checkout) and counts the blocks of what it takes from `src/`. */
export async function bundleInstrumented(contents: string): Promise<Instrumented> {
  const blocks: Block[] = []
  const words = new Set<string>()
  const shared = {
    absWorkingDir: root,
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    write: false,
    logLevel: 'warning',
  } satisfies BuildOptions
  // Twice, since the bundler reads files in any order, and the numbers of blocks are to be the same at every run.
  const { metafile } = await build({ ...shared, metafile: true })
  const files = Object.keys(metafile.inputs).filter(file => file.startsWith('src/'))
  const sources = new Map(
    files
      .sort()
      .map(file => [join(root, file), instrument(readFileSync(join(root, file), 'utf8'), file, blocks, words)]),
  )
  const banner = { js: `const ${COUNTERS} = globalThis.${COUNTERS} = new Uint32Array(${blocks.length});` }
  const { outputFiles } = await build({ ...shared, banner, sourcemap: 'inline', plugins: [replacing(sources)] })
  return { text: outputFiles[0]?.text ?? '', blocks, words: [...words] }
}

function replacing(sources: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'replacing',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = sources.get(path)
        return contents === undefined ? undefined : { contents, loader: 'js' }
      })
    },
  }
}

/** A source as JavaScript that counts its blocks; these are added to `blocks`, and its texts to `words`. */
export function instrument(source: string, file: string, blocks: Block[], words: Set<string>): string {
  const { outputText } = ts.transpileModule(source, {
    fileName: join(root, file),
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
    transformers: { before: [context => tree => new Counting(context, tree, file, blocks, words).run()] },
  })
  return outputText
}

class Counting {
  readonly #context: ts.TransformationContext
  readonly #factory: ts.NodeFactory
  readonly #tree: ts.SourceFile
  readonly #file: string
  readonly #blocks: Block[]
  readonly #words: Set<string>

  constructor(
    context: ts.TransformationContext,
    tree: ts.SourceFile,
    file: string,
    blocks: Block[],
    words: Set<string>,
  ) {
    this.#context = context
    this.#factory = context.factory
    this.#tree = tree
    this.#file = file
    this.#blocks = blocks
    this.#words = words
  }

  run(): ts.SourceFile {
    return ts.visitEachChild(this.#tree, this.#visit, this.#context)
  }

  readonly #visit = (node: ts.Node): ts.Node => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node)) this.#addWord(node.text)
    // Numbers are given before what is inside is visited: outer blocks have the lower ones.
    const wrapped = this.#wrap(node)
    return wrapped ?? ts.visitEachChild(node, this.#visit, this.#context)
  }

  #wrap(node: ts.Node): ts.Node | undefined {
    const factory = this.#factory
    const inside = <T extends ts.Node>(child: T): T => ts.visitNode(child, this.#visit) as T
    if (ts.isIfStatement(node)) {
      const { expression, thenStatement, elseStatement } = node
      const counted = this.#block(thenStatement, inside)
      const other = elseStatement ? this.#block(elseStatement, inside) : factory.createBlock([this.#count(node)])
      return factory.updateIfStatement(node, inside(expression), counted, other)
    }
    if (ts.isConditionalExpression(node)) {
      const { condition, questionToken, whenTrue, colonToken, whenFalse } = node
      const [yes, no] = [this.#value(whenTrue, inside), this.#value(whenFalse, inside)]
      return factory.updateConditionalExpression(node, inside(condition), questionToken, yes, colonToken, no)
    }
    if (ts.isBinaryExpression(node) && LOGICAL.has(node.operatorToken.kind)) {
      const right = this.#value(node.right, inside)
      return factory.updateBinaryExpression(node, inside(node.left), node.operatorToken, right)
    }
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken, body } = node
      const value = this.#value(body, inside)
      const same = [modifiers, typeParameters, parameters.map(inside), type, equalsGreaterThanToken] as const
      return factory.updateArrowFunction(node, ...same, value)
    }
    // Bodies of functions, loops and catches; any other block just costs a counter.
    if (ts.isBlock(node)) {
      const counter = this.#count(node)
      return factory.updateBlock(node, [counter, ...node.statements.map(inside)])
    }
    if (ts.isCaseClause(node)) {
      const counter = this.#count(node)
      return factory.updateCaseClause(node, inside(node.expression), [counter, ...node.statements.map(inside)])
    }
    if (ts.isDefaultClause(node)) {
      const counter = this.#count(node)
      return factory.updateDefaultClause(node, [counter, ...node.statements.map(inside)])
    }
    if (ts.isIterationStatement(node, false) && !ts.isBlock(node.statement)) {
      const body = this.#block(node.statement, inside)
      const part = (child: ts.Node): ts.Node => (child === node.statement ? body : this.#visit(child))
      return ts.visitEachChild(node, part, this.#context)
    }
    return undefined
  }

  /** A statement as a block that is counted. */
  #block(statement: ts.Statement, inside: <T extends ts.Node>(node: T) => T): ts.Statement {
    // It counts itself.
    if (ts.isBlock(statement)) return inside(statement)
    const counter = this.#count(statement)
    return this.#factory.createBlock([counter, inside(statement)], true)
  }

  /** `value` → `(counter, value)`. */
  #value(value: ts.Expression, inside: <T extends ts.Node>(node: T) => T): ts.Expression {
    const counter = this.#counter(value)
    return this.#factory.createParenthesizedExpression(this.#factory.createComma(counter, inside(value)))
  }

  #count(node: ts.Node): ts.Statement {
    return this.#factory.createExpressionStatement(this.#counter(node))
  }

  #counter(node: ts.Node): ts.Expression {
    const factory = this.#factory
    const { line } = this.#tree.getLineAndCharacterOfPosition(node.getStart(this.#tree))
    const index = this.#blocks.push({ file: this.#file, line: line + 1 }) - 1
    const place = factory.createElementAccessExpression(factory.createIdentifier(COUNTERS), index)
    return factory.createPostfixIncrement(place)
  }

  #addWord(text: string): void {
    if (text.length > 0 && text.length <= MAX_WORD_CHARACTERS) this.#words.add(text)
  }
}
