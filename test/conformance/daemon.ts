/**
 * Answers recorded cases by a daemon that reads the configuration of each case again.
 *
 *   run-executable.ts → answerByDaemon → one daemon for a job, SIGHUP, a connection for each request
 *
 * So each case also is a reload: the daemon is told to read the file, says in its log that it has, and is asked then.
 *
 * Failure: a daemon that does not start, read, or answer is a fault of the case: status and output say so.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connectTo, DAEMON_USER } from '../../testkit/daemon-process.ts'
import { waitFor } from '../../testkit/wait-for.ts'
import type { Answerer } from './executable.ts'

/** Makes the daemon of a job; it is started with its first case. */
export function answerByDaemon([node = '', executable = '']: readonly string[]): Answerer {
  let daemon: ChildProcess | undefined
  let printed = ''

  async function start(configuration: string): Promise<void> {
    const child = spawn(node, [executable, '-f', configuration, '-d', 'start'], {
      env: { PATH: '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...DAEMON_USER.options,
    })
    daemon = child
    // With -d each decision is explained on standard output.
    let isListening = false
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      isListening ||= text.includes('listening on')
    })
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      printed += text
    })
    await waitFor('the daemon to listen', () => {
      if (child.exitCode !== null) throw new Error(`it has ended: ${printed}`)
      return isListening
    })
  }

  return {
    answer: async (configuration, log, request) => {
      const logged = (text: string): boolean => existsSync(log) && readFileSync(log, 'latin1').includes(text)
      printed = ''
      try {
        if (!daemon) await start(configuration)
        else {
          daemon.kill('SIGHUP')
          await waitFor('the configuration', () => logged('configuration read again: '))
        }
        const client = await connectTo(configuration.replace(/conf$/, 'socket'))
        const stdout = await client.ask(request, 1)
        client.socket.destroy()
        await waitFor('the log', () => logged('decided action='))
        return { status: 0, stdout, stderr: printed }
      } catch (error) {
        return { status: error instanceof Error ? error.message : String(error), stdout: '', stderr: printed }
      }
    },
    close: async () => {
      if (!daemon || daemon.exitCode !== null) return
      const ended = once(daemon, 'exit')
      daemon.kill('SIGTERM')
      await ended
    },
  }
}
