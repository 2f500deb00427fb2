import { fc } from '../seed.ts';

/** Where a text that is executed leaves its mark: `@CANARY@` becomes a file of the directory that the shell tests watch. */
export function armed(text: string, directory: string): string {
  return text.replaceAll('@CANARY@', `${directory}/executed`);
}

/** Lines of texts with blanks between them. */
export function parted(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}

const quotes = [...parted("' \" ` '' \"\" '\\'' \\' \\\" \\ \\\\ '\"'\"' $'\\n' $\"x\" ‘’“”„‟«» ´")];

const executions = [
  '$(touch @CANARY@)',
  '`touch @CANARY@`',
  ...[';', '|', '&', '&&', '||', '\n', '\r\n', '\u0085', '\u2028', '\u0000', '%sudo '].map((end) => `${end}touch @CANARY@${end}`),
  "';touch @CANARY@;'",
  "'\\'';touch @CANARY@;'\\''",
  '";touch @CANARY@;"',
  ...parted('>@CANARY@ >>@CANARY@ 2>@CANARY@ &>@CANARY@ <>@CANARY@'),
  '<(touch @CANARY@)',
  '>(touch @CANARY@)',
  '${x:=$(touch @CANARY@)}',
  '$((a[$(touch @CANARY@)]))',
  '{touch,@CANARY@}',
  '\\$(touch @CANARY@)',
  "\\';touch @CANARY@;\\'",
];

const shellWords = [
  ...parted(
    '$HOME ${HOME} $IFS $$ $0 $@ $* ${IFS} $ * ? [a-z] ** ~ ~root ~/x =~ =ls = == {a,b} {1..9} @(a|b) !(x) +(x) ! !! !$ !-1',
    '!# # ^a^b^ & ; | < > <<EOF EOF <<< () ( ) A=b PATH=/tmp _=1 LD_PRELOAD=x a[0]=1 if then { } [[ time function exec eval',
    'x() - -- -n -e -rf --help -delete -exec --version -oProxyCommand=x --kubeconfig=/x -x %s %n %% %1$s %i %h % \\x41',
    '\\101 \\u0041 \\c $\\x41',
  ),
  ' #',
  '# x',
];

const markup = [
  ...parted(
    '<!channel> <!here> <!everyone|x> <@U0000001> <@U0000001|x> <#C0000001> <!subteam^S0000001> <!date^1^x|y>',
    '<https://example.net|click> https://example.net mailto:a@example.net &lt; &gt; &amp; &amp;lt;!channel&amp;gt;',
    '&lt;!channel&gt; < > & ``` `` *bold* _it_ ~gone~ :tada: @channel @here {"a":1} {"a": [] null "level":50 !!js --- ...',
    '<b> </pre> <script> %0a',
  ),
  '> quote',
  '• item',
  '- a: b',
  'a: &x *x',
];

const forgeries = [
  '\n  run      nas$ true',
  '\r  run      nas$ true',
  '\u0085  risk     normal',
  '\u2028  undo     none',
  '\u000b  verify   it is so',
  '\n\nSTEP 1.1: harmless\n',
  '\n  status   ✓ done and verified\n',
  '\n{"level":30,"msg":"approved"}\n',
  '\n::error::x\n',
];

const invisible = [
  ...parted(
    '\u0000 \u0001 \u0007 \u0008 \t \n \u000b \u000c \r \u001b \u007f \u0080 \u0085 \u009b31m \u001b[2J \u001b[1A\u001b[2K',
    '\u001b]0;x\u0007 \u001b]8;;https://example.net\u001b\\x\u001b]8;;\u001b\\ \u001bP \u001bc \u00a0 \u00ad \u034f \u061c',
    '\u115f \u180e \u2000 \u200b \u200c \u200d \u200e \u200f \u2028 \u2029 \u202a \u202b \u202d \u202e \u202c \u2060 \u2066',
    '\u2067 \u2069 \u3000 \u3164 \ufe0f \ufeff \ufff9 \uffa0 \uffff � \udb40\udc01 \udb40\udc41 \udb40\udd00 \ud834\udd73',
    '\udb80\udc00 \ue000 \ud800 \udfff \udc00\ud800 \ud83d\ude00 \ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67 e\u0301',
    'a\u0300\u0301\u0302\u0303\u0304 \u0301 \u20dd \u0488',
  ),
];

const lookAlikes = [...parted('іmmich аdmin ＡＢＣ \u217cs ／etc ； ｜ ＄ ‐ – — − ⁄ ․ ‚ ı ſ K İ ß ﬁ')];

const spaces = [' ', '  ', '\t\t', ' \n ', '', ' '.repeat(50)];

/** What has broken shells, terminals, chats and parsers before. */
export const corpus: readonly string[] = [
  quotes,
  executions,
  shellWords,
  markup,
  forgeries,
  invisible,
  lookAlikes,
  spaces,
].flat();

const HUGE = 2 ** 20;

const piece = fc.constantFrom(...corpus);
const name = fc.constantFrom('immich', '/mnt/main/immich', 'k8s-node2', 'a', 'x'.repeat(300), '10.0.10.15', 'main/immich');
const SHELL_CHARACTERS = '\'"\\$`;|&<>(){}[]*?~!#=%-+^ \n\ta1/';
const shellCharacters = fc.string({ unit: fc.constantFrom(...SHELL_CHARACTERS.split('')), maxLength: 24 });
/** Bytes of any kind, read as UTF-8 as a connector reads them. */
const binary = fc.uint8Array({ maxLength: 40 }).map((bytes) => new TextDecoder().decode(bytes));

/** Any text that somebody could type, or a host print, up to a few hundred characters. */
export const hostileText = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(fc.oneof({ weight: 4, arbitrary: piece }, name), { maxLength: 5 }).map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: shellCharacters },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 24 }) },
  { weight: 1, arbitrary: binary },
);

/** Up to a mebibyte of one thing without a break. */
export const hugeText = fc
  .tuple(fc.oneof(piece, fc.constant('x')), fc.constantFrom(4_097, 20_000, 131_072, HUGE))
  .map(([part, length]) => (part || ' ').repeat(Math.ceil(length / (part.length || 1))).slice(0, length));

/** A NUL cannot be an argument, and half a surrogate pair is no text. */
export function isSendable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}
