/**
 * Makes Node refuse to change the user of a process, as Debian's does: `node -r refusing-node.cjs …`.
 */
for (const name of ['setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups'])
  process[name] = () => {
    throw Object.assign(new Error(`${name}() disabled: io_uring may be enabled.`), { code: 'ERR_INVALID_STATE' })
  }
