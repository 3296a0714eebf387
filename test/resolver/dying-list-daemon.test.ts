import t from 'tap'
import { tryDyingList } from './support/dying-list.ts'
import { FATES } from './support/rbldnsd.ts'
import { daemonService } from './support/service.ts'

for (const [i, fate] of FATES.entries())
  t.test(`a list that becomes ${fate} while mail flows: the daemon`, t =>
    tryDyingList(t, 25 + 4 * i, daemonService, fate),
  )
