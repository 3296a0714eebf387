/**
 * A program of the tests as a process of its own: bundled, and started by bare Node with an empty environment.
 *
 *   a program of the tests or benchmarks → bundleProgram → FILE.cjs → startNode
 *
 * tap puts loaders into NODE_OPTIONS; what is started here is to be as quick and as plain as the executable itself.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Bundles a TypeScript file of the checkout: `('test/cache/kill-writers.ts', '/tmp/x/kill-writers.cjs')`. */
export function bundleProgram(source: string, target: string): void {
  buildSync({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: target,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'warning',
  })
}

/** Compiles a Node-API addon of the tests: `('test/support/fork.c', '/tmp/x/fork.node')`. Throws if it does not compile. */
export function compileAddon(source: string, target: string): void {
  const flags = '-D_GNU_SOURCE -U_FORTIFY_SOURCE -Wall -Wextra -Werror -O1 -fPIC -shared -nostdlib'.split(' ')
  const headers = join(root, 'node_modules', 'node-api-headers', 'include')
  execFileSync('cc', [...flags, `-I${headers}`, '-o', target, join(root, source)], { stdio: 'inherit' })
}

/** Starts Node with these arguments; standard output and error are pipes. */
export function startNode(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] })
}
