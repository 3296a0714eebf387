import t from 'tap'
import { tryDyingList } from './support/dying-list.ts'
import { FATES } from './support/rbldnsd.ts'
import { spawnedService } from './support/service.ts'

for (const [i, fate] of FATES.entries())
  t.test(`a list that becomes ${fate} while mail flows: a process for each smtpd`, t =>
    tryDyingList(t, 61 + 4 * i, spawnedService, fate),
  )
