/**
 * The commands that change what is wrong: words in quotes for the shell, where postconf(1) needs them.
 *
 *   main.cf:   postconf -e 'policy_time_limit = 3600'
 *   master.cf: postconf -F policy/unix/chroot=n   (a field)   postconf -P smtp/inet/NAME=VALUE   (a -o option)
 *
 * With a configuration directory of its own, each has `-c DIR`. Pure, total.
 * Source: postconf(1).
 */
import { quote } from '../../text/shell-word.ts'
import { isOverridden, type Postfix, type Service, serviceId } from './postfix.ts'

/** Makes commands for one Postfix instance. */
export class Remedies {
  readonly #postconf: string

  constructor(configurationDirectory?: string) {
    this.#postconf = configurationDirectory === undefined ? 'postconf' : `postconf -c ${quote(configurationDirectory)}`
  }

  /** Sets a parameter of main.cf. */
  setting(name: string, value: string): string {
    return `${this.#postconf} -e ${quote(`${name} = ${value}`)}`
  }

  /** Sets a parameter where a service gets it from: its own `-o`, or main.cf. */
  settingOf(postfix: Postfix, service: Service | undefined, name: string, value: string): string {
    if (service === undefined || !isOverridden(postfix, name, service)) return this.setting(name, value)
    const option = `${serviceId(service)}/${name}=`
    if (!/\s/.test(value)) return `${this.#postconf} -P ${quote(option + value)}`
    // postconf takes no blanks there, so the value gets a name of its own in main.cf.
    const own = `${service.name.replace(/\W/g, '_')}_${name.replace(/^smtpd_/, '')}`
    return `${this.setting(own, value)} && ${this.#postconf} -P ${quote(`${option}$${own}`)}`
  }

  /** Sets a field of master.cf: `chroot`, `unprivileged`, `process_limit`, `command`. */
  field(service: Service, field: string, value: string): string {
    return `${this.#postconf} -F ${quote(`${serviceId(service)}/${field}=${value}`)}`
  }

  /** Writes an entry of master.cf. */
  entry(name: string, type: string, line: string): string {
    return `${this.#postconf} -M ${quote(`${name}/${type}=${line}`)}`
  }
}
