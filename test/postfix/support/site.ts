/**
 * A whole mail site on loopback: Postfix with the policy service as it is shipped, and the DNS that the service meets.
 *
 *   const site = await startSite(t, { zone, parameters }); const smtp = await site.connect(mail); … site.mails()
 *
 * The executable is a copy of dist/policyd-weight owned by root, as it would be installed; it runs as polw, with a
 * configuration, a cache and a log of the site's own. All ends and is removed with the test.
 *
 * Failure: a test that leaves a policy process behind fails.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { type DnsServer, type DnsZone, startDnsServer } from '../../../testkit/dns-server.ts'
import { logLines } from '../../../testkit/executable.ts'
import { installService } from '../../../testkit/installation.ts'
import { readExample } from '../../../testkit/master-cf-example.ts'
import type { Parameters } from '../../../testkit/policy-process.ts'
import { type Postfix, startPostfix } from '../../../testkit/postfix-instance.ts'
import { processesRunning } from '../../../testkit/processes.ts'
import { waitFor } from '../../../testkit/wait-for.ts'
import { type Introduction, SmtpClient } from './smtp-client.ts'

export interface SiteOptions {
  readonly zone?: DnsZone
  /** `folder`: that of the site. */
  readonly parameters?: Parameters | ((folder: string) => Parameters)
  /** Lines of main.cf, behind those of master.cf.example. */
  readonly settings?: string
  /** In place of those of master.cf.example. */
  readonly smtpdOptions?: string
  /** Something else in place of the shipped service. */
  readonly changeService?: (service: string) => string
  /** See PostfixOptions. */
  readonly wrapper?: readonly string[]
}

export interface Site extends Pick<Postfix, 'port' | 'mails'> {
  readonly dns: DnsServer
  /** `node`, a link; `policyd-weight`; `cache/`. */
  readonly folder: string
  postfixLog(): string
  /** Lines of the service's $LOGFILE that match, once there are so many: they are written when the answer has left. */
  logged(pattern: RegExp, count?: number): Promise<string[]>
  /** What was decided of a mail, by the end of its log line: `<client=…> <helo=…> <from=…> <to=…>`. */
  decided(mail: string): Promise<string>
  /** Processes of the policy service. */
  policyPids(): number[]
  /** Opens an SMTP connection as a client; closed with the test. */
  connect(client: Introduction): Promise<SmtpClient>
  /** Resolves when so many mails lie in the mailbox. */
  delivered(count: number): Promise<string[]>
}

/** Starts a site that lasts as long as the test. */
export async function startSite(t: Test, options: SiteOptions = {}): Promise<Site> {
  const {
    zone = {},
    parameters = {},
    settings = '',
    smtpdOptions,
    changeService = (service: string) => service,
    wrapper = [],
  } = options
  const folder = mkdtempSync(join(tmpdir(), 'policyd-weight-site-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  chmodSync(folder, 0o755)
  const dns = await startDnsServer(zone)
  t.teardown(() => dns.close())

  const own = typeof parameters === 'function' ? parameters(folder) : parameters
  const installed = installService(folder, { NS: `127.0.0.1:${dns.port}`, ...own })
  const { executable, log } = installed
  const example = readExample(installed)
  const postfixFolder = join(folder, 'postfix')
  mkdirSync(postfixFolder)
  const postfix = await startPostfix(postfixFolder, {
    service: changeService(example.service),
    settings: `${example.settings}\n${settings}`,
    smtpdOptions: smtpdOptions ?? example.smtpdOptions,
    wrapper,
  })
  const policyPids = (): number[] => processesRunning(executable)
  t.teardown(async () => {
    await postfix.stop()
    await waitFor('the policy processes end with Postfix', () => policyPids().length === 0)
  })
  return {
    folder,
    dns,
    port: postfix.port,
    mails: postfix.mails,
    postfixLog: postfix.log,
    logged: async (pattern, count = 1) => {
      const lines = (): string[] => logLines(log).filter(line => pattern.test(line))
      await waitFor(`${pattern} in the log`, () => lines().length >= count)
      return lines()
    },
    decided: async mail => {
      const find = (): string | undefined => logLines(log).find(line => line.includes(`; ${mail}; delay: `))
      await waitFor(`${mail} in the log`, () => find() !== undefined)
      return /^decided action=(.*?); <client=/.exec(find() ?? '')?.[1] ?? ''
    },
    policyPids,
    connect: async client => {
      const smtp = await SmtpClient.connect(postfix.port)
      t.teardown(() => smtp.close())
      await smtp.introduce(client)
      return smtp
    },
    delivered: async count => {
      await waitFor(`${count} mails in the mailbox`, () => postfix.mails().length >= count)
      return postfix.mails()
    },
  }
}
