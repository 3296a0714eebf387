/**
 * Prints the name servers that a resolv.conf names; for resolv-conf.test.ts, which can end it.
 */
import { readNameServers } from '../../src/dns/resolv-conf.ts'

process.stdout.write(JSON.stringify(readNameServers(process.argv[2])))
