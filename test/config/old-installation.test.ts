/**
 * A configuration as an installation of many years has it: kept by several people, with the habits of each.
 */
import t from 'tap'
import { builtinConfig } from '../../src/config/parameters/parameters.ts'
import { readConfiguration } from '../../src/config/read.ts'

const TEXT = String.raw`#!/usr/bin/perl
# -----------------------------------------------------------------
#   mx1/mx2: weighted policy. Changes: see ChangeLog at the bottom!
# -----------------------------------------------------------------

   $DEBUG        = 0;               # 1 or 0 - don't comment
   my $REJECTLEVEL   = "2.5";       # was 1; too strict for the sales people

our $REJECTMSG    = '554 5.7.1 We don\'t want this. Ask your Mail/DNS-Administrator, or call +49 (0)xx; ' .
                    "or write to postmaster\@example.org";
$CACHEREJECTMSG = $REJECTMSG . " (cached)";
$MAXDNSBLMSG    = qq{550 5.7.1 Your "server" is listed in too many DNSBLs};
$DNSERRMSG      = q(450 4.7.1 No DNS (A/MX/PTR) entries for your server);

## DNSBL settings
@dnsbl_score = (
#    HOST,                    HIT SCORE,  MISS SCORE,  LOG NAME
    'pbl.spamhaus.org',       3.25,          0,        'DYN_PBL_SPAMHAUS',
    'sbl-xbl.spamhaus.org',   4.35,       -1.5,        'SBL_XBL_SPAMHAUS',
    'bl.spamcop.net',         3.75,       -1.5,        'SPAMCOP',
    #'dnsbl.njabl.org',       4.25,       -1.5,        'BL_NJABL',
    "ix.dnsbl.manitu.net",    4.35,          0,        "IX_MANITU",
    qw(list.dnswl.org=127.0.[0..255].[1..3]  -2 0  DNSWL),
);

$MAXDNSBLHITS  = 2;  # If Client IP is listed in MORE
                     # DNSBLS than this var, it gets
                     # REJECTed immediately
$MAXDNSBLSCORE = 8;

@rhsbl_score = (
    'multi.surbl.org',        4,             0,        'SURBL',
    'DSN.Example.Net.',       3.5,           0,        'DSN' # the old one is gone
);

@dnsbl_checks_only_regexps = (
    qr/[^.]*(exch|smtp|mx|mail).*\..*\./,
    qr{yahoo\.com$}i,
);

@helo_score                = (1.5, -2 );
@client_ip_eq_helo_score=(1.5,-1.25,);
@bogus_mx_score            = ( +2.1, 0 );

=pod

The exchangers of the head office, see ticket 4711.
$REJECTLEVEL = 99;

=cut

$DEFER_STRING = 'IN_SPAMCOP= BOGUS_MX=';
$DEFER_ACTION = "450";
$DEFER_LEVEL  = 5;

$LOCKPATH     = '/var/run/policyd-weight/';	# must be a directory (add trailing slash)
$SPATH        = $LOCKPATH.'/polw.sock';
$PIDFILE      = "$LOCKPATH/policyd-weight.pid";
$NTTL = 1; $NTIME = 30;
$PTIME = "3h"; $TEMP_PTIME = '1d';
$PTTL = 6_0;
$NS = '';
$syslog_facility = "mail";
$syslog_options  = 'pid';
$USER = "polw"; $GROUP = $USER;
$ADD_X_HEADER = 1;
$undef_means_nothing = undef;

1;

__END__
2009-03-01 hm: $REJECTLEVEL = 3 (tried; too lax)
`

t.test('it works unchanged', t => {
  const { config, findings } = readConfiguration(TEXT, 'policyd-weight.conf')
  t.same(
    findings.map(({ code, position }) => [code, position?.line]),
    [['unknown-parameter', 67]],
    'the one variable of its own is told',
  )
  const message =
    "554 5.7.1 We don't want this. Ask your Mail/DNS-Administrator, or call +49 (0)xx; or write to postmaster@example.org"
  t.match(config, {
    REJECTLEVEL: 2.5,
    REJECTMSG: message,
    CACHEREJECTMSG: `${message} (cached)`,
    MAXDNSBLMSG: '550 5.7.1 Your "server" is listed in too many DNSBLs',
    DNSERRMSG: '450 4.7.1 No DNS (A/MX/PTR) entries for your server',
    dnsbl_checks_only_regexps: [
      { source: '[^.]*(exch|smtp|mx|mail).*\\..*\\.', flags: '', engine: 'linear' },
      { source: 'yahoo\\.com$', flags: 'i', engine: 'linear' },
    ],
    helo_score: { bad: 1.5, good: -2 },
    client_ip_eq_helo_score: { bad: 1.5, good: -1.25 },
    bogus_mx_score: { bad: 2.1, good: 0 },
    SPATH: '/var/run/policyd-weight//polw.sock',
    PIDFILE: '/var/run/policyd-weight//policyd-weight.pid',
    PTIME: 10_800,
    TEMP_PTIME: 86_400,
    PTTL: 60,
    NS: [],
    GROUP: 'polw',
    faulty: false,
  })
  t.same(
    config.dnsbl_score.map(({ host, hit, miss, label }) => [host, hit, miss, label]),
    [
      ['pbl.spamhaus.org', 3.25, 0, 'DYN_PBL_SPAMHAUS'],
      ['sbl-xbl.spamhaus.org', 4.35, -1.5, 'SBL_XBL_SPAMHAUS'],
      ['bl.spamcop.net', 3.75, -1.5, 'SPAMCOP'],
      ['ix.dnsbl.manitu.net', 4.35, 0, 'IX_MANITU'],
      ['list.dnswl.org', -2, 0, 'DNSWL'],
    ],
  )
  t.same(
    config.rhsbl_score.map(({ host }) => host),
    ['multi.surbl.org', 'dsn.example.net'],
  )
  t.equal(config.MAXDNSERR, builtinConfig().MAXDNSERR, 'what it does not set keeps its default')
  t.end()
})

t.test('with the line ends of Windows it is the same', t => {
  const unix = readConfiguration(TEXT, 'a')
  const windows = readConfiguration(`\ufeff${TEXT.replaceAll('\n', '\r\n')}`, 'a')
  t.same(windows.config, unix.config)
  t.same(windows.findings, unix.findings)
  t.same(windows.origins, unix.origins)
  t.end()
})

t.test('cut anywhere it is a configuration or a list of errors', t => {
  for (let length = 0; length <= TEXT.length; length++) {
    const { config, findings } = readConfiguration(TEXT.slice(0, length), 'a')
    const errors = findings.filter(finding => finding.severity === 'error')
    if ((config.configError !== '') !== errors.length > 0 || errors.length > 2)
      t.fail(`cut at ${length}: ${errors.map(error => error.text).join('; ')}`)
  }
  t.pass('no cut makes more than one faulty statement, or one without a word about it')
  t.end()
})

t.test('with any character missing it is a configuration or a list of errors', t => {
  for (let at = 0; at < TEXT.length; at++) {
    const { config, findings } = readConfiguration(TEXT.slice(0, at) + TEXT.slice(at + 1), 'a')
    const faulty = findings.some(finding => finding.severity === 'error')
    if ((config.configError !== '') !== faulty) t.fail(`without the character at ${at}`)
  }
  t.pass('errors are told, and only errors are marked')
  t.end()
})
