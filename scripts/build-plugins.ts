/**
 * How modules become programs of the executable: what is left to another program, and what is worked out when it is built.
 *
 *   build.ts → lazyPrograms, evaluatedAtBuild → esbuild
 */
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Leaves what is behind an `import()` to a program of its own, if it is one. The command line leaves what the request path
 * has, and holds the rest itself.
 */
export function lazyPrograms(isProgram: (path: string) => boolean): Plugin {
  return {
    name: 'lazy-programs',
    setup(setup) {
      setup.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const module = relative(root, join(resolveDir, path))
        return kind === 'dynamic-import' && isProgram(module)
          ? { external: true, path: `program:${module}` }
          : undefined
      })
    },
  }
}

/**
 * Puts the values of what is worked out from the tables of parameters and of lists in its place: those modules export constants
 * and functions without arguments, and a program has their values as text, and nothing of the tables.
 */
export const evaluatedAtBuild: Plugin = {
  name: 'evaluated-at-build',
  setup(setup) {
    setup.onLoad(
      {
        filter:
          /\/src\/(?:config\/parameters\/(?:table|known-parameters)|lists\/(?:zone-rules|refusal-texts|secret-zones))\.ts$/,
      },
      async ({ path }) => {
        const values: Readonly<Record<string, unknown>> = await import(path)
        const contents = Object.entries(values).map(([name, value]) =>
          typeof value === 'function'
            ? `export const ${name} = () => (${toLiteral(value())})\n`
            : `export const ${name} = ${toLiteral(value)}\n`,
        )
        return { contents: contents.join('') }
      },
    )
  },
}

/** As JSON; an object without a prototype has none there either. */
function toLiteral(value: unknown): string {
  const json = JSON.stringify(value)
  const isBare = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
  return isBare ? `{__proto__:null,${json.slice(1)}` : json
}
