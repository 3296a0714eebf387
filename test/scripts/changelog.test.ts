import t from 'tap'
import { withRelease } from '../../scripts/release/changelog.ts'

t.test('a release in the changelog', t => {
  const cases: [label: string, text: string, want: ReturnType<typeof withRelease>][] = [
    [
      'gets its version and date',
      '# Changelog\n\n## Unreleased\n\n* x\n\n## 0.2.0 – 2025-01-01\n\n* y\n',
      '# Changelog\n\n## 0.3.0 – 2026-01-02\n\n* x\n\n## 0.2.0 – 2025-01-01\n\n* y\n',
    ],
    ['needs a section', '# Changelog\n', { fault: 'CHANGELOG.md has no section "Unreleased"' }],
    [
      'needs something to say',
      '## Unreleased\n\n## 0.2.0\n\n* y\n',
      { fault: 'the section "Unreleased" of CHANGELOG.md says nothing' },
    ],
    [
      'is made once',
      '## Unreleased\n\n* x\n\n## 0.3.0 – 2026-01-01\n',
      { fault: 'CHANGELOG.md has a section 0.3.0 already' },
    ],
  ]
  for (const [label, text, want] of cases) t.same(withRelease(text, '0.3.0', '2026-01-02'), want, label)
  t.end()
})
