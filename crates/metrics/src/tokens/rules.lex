# What a token is: the longest match wins, and of equal ones the rule that stands first.
#
# All of it was found by experiment. The field's tokenizer was asked which strings over small alphabets are one token, until
# no longer string told more; which of all words of up to four letters, and of a dictionary's, it treats in a way of their
# own; and what becomes of each character of Unicode. Then random lines were compared until none differed.
#
#   name = regex                        a definition, used as {name}
#   Action: regex                       a rule; what becomes of the text is told by `Action` in lexer.rs
#   Action: regex followed-by regex     a rule whose token ends before what follows
#
# Regular expressions are those of lexer generators, except that blanks mean nothing: "abc" is text, i"abc" is text in any
# case, <name> is a class of characters from classes.txt. A line that is indented goes on with the one before.

letter = [A-Za-z<letter><longs><dotless><upper><kelvin><dotted>]
digit = [0-9<digit>]
alnum = [A-Za-z<letter><longs><dotless><upper><kelvin><dotted>0-9<digit>]
blank = [ <nobreak>]
newline = [\n\r\v\f<newline>]
space = [ \t\n\r\v\f<newline><nextline><nobreak><space>]

# White space, what the tokenizer throws away, and what pycocoevalcap calls punctuation.
Line: {newline}
Skip: [ \t<nobreak><space>]+ | i"&nbsp;" | <other> | <roman> | <hyphen> | <separator>
    | [\x00-\x1f\x7f]
Punctuation: [.,:;!?'`\-"] | "--" | "---" | "----" | "''" | "``" | <dash> | <openquote> | <openangle> | <opendouble>
    | <closedouble> | <closequote> | <apostrophe> | "&apos;" | "&quot;" | i"&mdash;" | i"&ndash;" | i"&md;"
Punctuation: <softhyphen>+ | "."{3,5} | ("." {blank}){2,4} "." | <ellipsis> | <nextline>

# Signs that stand alone.
Text("-lrb-"): "("
Text("-rrb-"): ")"
Text("-lcb-"): "{"
Text("-rcb-"): "}"
Text("-lsb-"): "["
Text("-rsb-"): "]"
Text("$"): <currency>
Text("cents"): <cent>
Text("#"): <pound>
Text("1/4"): <quarter>
Text("1/2"): <half>
Text("3/4"): <threequarters>
Text("1/3"): <third>
Text("2/3"): <twothirds>
Word: [!-~<sign><circled><slash><comma><lowquote>] | <superscript>+ | <subscript>+ | i"&apos;" | i"&quot;"
Quotes: [`<openquote><openangle><lowquote><opendouble><closedouble><apostrophe><closequote>]{2}
Text("&"): i"&amp;"
Text("<"): i"&lt;"
Text(">"): i"&gt;"
Word: "&#" [0-9]+ ";" | "&" (i"ht" | i"tl" | i"ur" | i"lr" | i"qc" | i"ql" | i"qr" | i"odq" | i"cdq") ";"

# Runs of one sign.
Word: "-----" "-"* | [*]+ | ("\\*")+ | "#"+ | "@"+ | "_"+ | "<<" | ">>"
Word: [!?] [!?]+

# Markup.
name = [A-Za-z] [A-Za-z0-9_:.\-]*
attribute = {name} (" "* "=" " "* ("\"" [^"]* "\"" | "'" [^']* "'"))?
markup = "<" {name} (" "+ {attribute})* " "* "/"? " "* ">" | "</" {name} " "* ">" | "<" [!?] [A-Za-z\-] [^>\r\n]* ">"
Verbatim: {markup}

# Words.
accented = i"&" [AEIOUaeiou] (i"acute" | i"grave" | i"uml") ";"
wordstart = {letter} | [<mark><softhyphen>] | {accented}
word = {wordstart} ({wordstart} | {digit})*
apostrophe = (['<apostrophe>] | i"&apos;")
anyapostrophe = (['`<apostrophe><openquote>] | i"&apos;")
part = {alnum}+ | [DdOoLl] {anyapostrophe} {alnum} {alnum}+
thing = {part} ([_\-<hyphen>] {part})*
Word: i"can" followed-by i"not"
Word: i"gon" followed-by i"na"
Word: i"got" followed-by i"ta"
Word: i"lem" followed-by i"me"
Word: i"gim" followed-by i"me"
Word: i"wan" followed-by i"na"
Word: i"'t" followed-by i"is"
Word: i"'t" followed-by i"was"
words = {word} ([.!?] {word})*
Word: {words}
Word: {words} followed-by ['<apostrophe>] ([Ss] | i"d" | i"m")
Word: {words} followed-by ['<apostrophe>] (i"ll" | i"re" | i"ve")
Word: {words} followed-by i"&apos;" ([Ss] | i"d" | i"m")
Word: {words} followed-by i"&apos;" (i"ll" | i"re" | i"ve")
Word: {thing}
inaddress = [^ \t\n\r\f<nobreak>"()\<>{|}]
Verbatim: ("<" | i"&lt;")? [A-Za-z0-9] {inaddress}* "@" ([^ \t\n\r\f<nobreak>"()\<>{|}.]+ ".")* [^ \t\n\r\f<nobreak>"()\<>{|}.]+ ">"?
company = [A-Z]+ (([&+] | i"&amp;") [A-Z]+)+ | i"s" ("&" | i"&amp;") i"ls"
state = i"ala" | i"al" | i"apr" | i"ariz" | "A" i"rk" | i"assn" | i"aug" | "A" i"z" | i"bhd" | i"bldg"
    | i"blvd" | i"bros" | i"calif" | i"co" | i"colo" | i"conn" | i"corp" | i"cos" | i"ct" | i"dak" | i"dec"
    | "D" i"el" | i"est" | i"etc" | i"ext" | i"feb" | i"fla" | i"fri" | i"ga" | "I" i"ll" | i"inc" | i"ind"
    | i"intl" | i"jan" | i"jr" | i"jul" | i"jun" | i"kan" | i"kans" | i"ky" | "L" i"a" | i"ltd" | i"mar"
    | "M" i"ass" | i"md" | i"mich" | i"minn" | "M" i"iss" | i"mo" | i"mon" | i"mont" | i"neb" | i"nev"
    | i"nov" | i"oct" | i"okla" | "O" i"re" | "P" i"a" | i"penn" | i"plc" | i"pp" i"t" [ey] "s"?
    | i"pt" [ey] "s"? | i"rd" | i"rt" | i"sep" | i"sept" | i"seq" | i"sq" | i"sr" | i"sys" | i"tel"
    | i"tenn" | "T" i"ex" | i"thu" | i"thurs" | i"tue" | i"tues" | i"univ" | i"va" | i"vt" | "W" i"ash"
    | i"wed" | i"wis" | i"wisc" | i"wyo" | i"ph.d" | i"ed.d" | i"esq"
Word: {state} "." followed-by [^] [^]
Stopped: {state} followed-by "."
hyphenated = [A-Za-z0-9] [A-Za-z0-9<softhyphen>.,]* ("-" ([A-Za-z0-9<softhyphen>]+ | [A-Za-z] ("." [A-Za-z])+ "."))+
Word: {hyphenated} | i"pro-" | i"anti-"
segment = [A-Za-z0-9]+ ("-" [A-Za-z]+){0,2}
Word: {segment} ("\\"? "/" {segment}){1,2}

# Words with an apostrophe.
clitic = [Ss] | i"d" | i"m" | i"ll" | i"re" | i"ve"
Clitic: {apostrophe} ({clitic}) followed-by [^A-Za-z]
negated = [A-Za-z<softhyphen>]* [A-MO-Za-mo-z] <softhyphen>*
Word: {negated} followed-by i"n" ['`<apostrophe><openquote>] i"t"
Word: {negated} followed-by i"n&apos;t"
Clitic: i"n" {anyapostrophe} i"t"
Word: {apostrophe} i"n" {apostrophe}? | {apostrophe} i"em" | {apostrophe} i"til" i"l"? | {apostrophe} i"cause"
Word: {apostrophe} [2-9] i"0s"
Word: {apostrophe} [0-9][0-9] followed-by {space}
Word: i"y" {apostrophe} followed-by {letter}
Word: [DdJjLl] {apostrophe} | i"ol" {apostrophe} | (i"dunk" | i"someth") i"in" {apostrophe}
Word: [A-HJ-XZn] {anyapostrophe} {letter} {letter}+
Word: {letter}* [A-Za-z<letter><longs><dotless><upper><kelvin><dotted>] [AEIOUYaeiouy] {anyapostrophe} [A-Zaeiou] {letter}*
Word: i"c" {apostrophe} i"est" | i"c'mon" | i"cap" {apostrophe} i"n" | i"nat'l" | i"li'l" | i"ev'ry" | i"e'er"
    | i"o" {anyapostrophe} i"o" | i"cont'd."
Punctuation: "'" followed-by [A-Za-z] [^ \t\n\r<nobreak>]
Clitic: {apostrophe} ({clitic})
Punctuation: "\"" followed-by [A-Za-z0-9$]

# Abbreviations keep their full stop: all single letters and acronyms, these words, numbers' names before numbers, and
# every word before a further mark.
begin = ("A" | "A" i"n" | "A" i"s" | "A" i"t" | "H" i"e" | "I" i"f" | "I" i"n" | "I" i"t" | "S" i"o" | "W" i"e"
    | "B" i"ut" | "H" i"er" | "N" i"ow" | "O" i"ne" | "O" i"ur" | "S" i"he" | "T" i"he" | "Y" i"et" | "Y" i"ou"
    | "H" i"ere" | "L" i"ast" | "M" i"any" | "M" i"ore" | "O" i"nce" | "S" i"ome" | "S" i"uch" | "T" i"hat"
    | "T" i"hen" | "T" i"hey" | "T" i"his" | "W" i"hat" | "W" i"hen" | "A" i"bout" | "A" i"ccording"
    | "A" i"dditionally" | "A" i"fter" | "E" i"arlier" | "H" i"owever" | "O" i"ther" | "S" i"ince" | "T" i"heir"
    | "T" i"here" | "T" i"hese" | "W" i"hile" | "M" i"r." | "M" i"s.")
Word: [A-Za-z] followed-by "." {space}+ ({begin} | {markup}) {space}
Word: ([A-Za-z] ".")+
Word: i"adj." | i"adm." | i"adv." | i"alex." | i"assoc." | i"asst." | i"atty" i"s"? "." | i"ave." | i"brig."
    | i"capt." | i"cf." | i"cie." | i"cmdr." | i"col." | i"comdr." | i"cpl." | i"dept." | i"det." | i"dr." | i"drs." | i"elec."
    | i"ens." | i"ft." | i"gen." | i"gov." | i"govs." | i"hon." | i"insp." | i"invt." | i"jos." | i"lieut." | i"lt."
    | i"maj." | i"messrs." | i"m" "f" i"g." | i"mlle." | i"mme." | i"mr." | i"mrs." | i"ms." | i"msgr." | i"mt."
    | i"m" "t" i"g." | i"natl." | i"pfc." | i"ph." | i"pres." | i"prof." | i"profs." | i"pvt." | i"rep." | i"reps."
    | i"rev." | i"sen." | i"sens." | i"sfc." | i"sgt." | i"spc." | i"st." | i"ste." | i"supt." | i"supts." | i"treas."
    | i"vs." | i"wm."
Word: (i"art" | i"ca" | i"fig" i"s"? | i"no" i"s"? | i"op" | i"pp" | i"prop") "." followed-by {digit}
Word: (i"art" | i"ca" | i"fig" i"s"? | i"no" i"s"? | i"op" | i"pp" | i"prop") "." followed-by {space} {digit}
Word: ({words} | {thing} | {hyphenated} | {company}) "." followed-by [,;:<comma>]
Word: {company}
Word: [Cc] "++" | [CcFf] "#" | [A-Z]+ "$"

# Numbers.
figures = {digit} (<softhyphen>? {digit})*
Word: [+\-]? ((<softhyphen>? {figures})? ([.,:<separator>] {figures})+ | <softhyphen>? {figures})
Verbatim: ({digit}{1,4} [ \-<nobreak>])? {digit}{1,4} ("\\"? "/" | <slash>) {digit}{1,4}
Word: {digit}{1,2} [/\-] {digit}{1,2} [/\-] {digit}{2,4}
gap = [ \-<nobreak>]
Brackets: ("(" [0-9]{2,3} ")" {blank}? | "+"{0,2} [0-9]{2,4} {gap} ([0-9]{2,4} {gap})?) [0-9]{3,4} {gap}? [0-9]{3,5}

# Names of files, addresses.
ending = i"c" | i"h" | i"x" | i"gz" | i"pl" | i"ps" | i"py" | i"bat" | i"bmp" | i"cgi" | i"cpp" | i"dll" | i"doc"
    | i"docx" | i"exe" | i"gif" | i"htm" | i"html" | i"jar" | i"java" | i"jpeg" | i"jpg" | i"mov" | i"pdf" | i"php"
    | i"png" | i"ppt" | i"sql" | i"tar" | i"txt" | i"wav" | i"xml" | i"zip" | i"mp3" | i"class"
filepart = ([A-Za-z<letter><longs><dotless><upper><kelvin><dotted>0-9<digit><mark><softhyphen>] | {accented})+
Verbatim: {filepart} ("." {filepart})* "." ({ending}) followed-by [ \t\n\r\v\f<newline><nextline><nobreak><space>,.!?]
Verbatim: i"http" i"s"? "://" [^ \t\n\r\f"()\<>{|}]+ [^ \t\n\r\f!"(),\-.\<>?{|}]
path = "/" [^ \t\n\r\f"()\<>|]+ [^ \t\n\r\f!"(),\-.\<>?{|}]
Verbatim: i"www." ([^ \t\n\r\f!"(),\<>?{|}.]+ ".")+ [A-Za-z]{2,4} {path}?
Verbatim: ([^ \t\n\r\f!"$'(),\-./0-9:;\<=>?@A-Z\[\\\]^_`{|}]+ ".")+ (i"com" | i"edu" | i"net" | i"org") {path}?
Verbatim: "@" [A-Za-z_] [A-Za-z_0-9]* | "#" {wordstart}+

# Smileys.
Brackets: [\<>]? [:;=] ['*o\-]? [()@\[\]\\{|DOPdp] followed-by [^A-Za-z0-9]
Brackets: ['\<=>^x~\-] "_" ['\<=>^x~\-] | "(" (['\<=>^x~\-] [_.]? ['\<=>^x~\-] | ['\<=>^x~] "-" ['\<=>^x~`]) ")"
