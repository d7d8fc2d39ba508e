#!/usr/bin/env python3
"""Writes docs/abi.md from framework/sdk/ironlaw/abi.h: its structs, enums and comments, with sizes and offsets.

    abi_docs.py            writes the page
    abi_docs.py --check    fails when the page is not what the header says

The sizes and offsets are those that the C compiler ($CC, else cc) gives on this machine: 64-bit pointers.
"""
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / 'framework/sdk/ironlaw/abi.h'
PAGE = ROOT / 'docs/abi.md'

COMMENT = re.compile(r'/\*(.*?)\*/', re.S)


def text_of(comment):
    """A comment as one line, without its stars and rules."""
    lines = (re.sub(r'^\s*\*\s?', '', line).strip() for line in comment.splitlines())
    return ' '.join(' '.join(lines).strip('- ').split())


def statements(body, end):
    """(code, comment) for each statement of a struct (end ';') or enum (end ','), comments before and behind."""
    found, code, before, position = [], '', [], 0
    tokens = re.compile(r'/\*.*?\*/|' + re.escape(end) + r'|[^/' + re.escape(end) + r']+|/', re.S)
    for match in tokens.finditer(body):
        token = match.group()
        if token.startswith('/*'):
            # Behind a statement on its line, or on a line of its own: of the statement that follows.
            is_behind = found and not code.strip() and '\n' not in body[position:match.start()]
            (found[-1][1] if is_behind else before).append(text_of(token[2:-2]))
            continue
        if token == end:
            found.append((' '.join(code.split()), before))
            code, before, position = '', [], match.end()
            continue
        code += token
    if code.strip():
        found.append((' '.join(code.split()), before))
    elif before and found:
        found[-1][1].extend(before)
    return [(statement, re.sub(r'\.;', '.', '; '.join(comment))) for statement, comment in found]


def fields_of(declaration):
    """(type, name) of each field that a declaration makes."""
    function = re.match(r'(.*?)\(\*(\w+)\)\((.*)\)$', declaration)
    if function:
        return [(f'{function[1].strip()} (*)({function[3]})', function[2])]
    first, *others = declaration.split(',')
    kind, name, array = re.match(r'(.*?)(\w+)(\[\d+\])?$', first.strip()).groups()
    return [(kind.strip() + (array or ''), name)] + [(kind.strip(), other.strip()) for other in others]


def parse(header):
    """The header's parts in their order: ('struct' | 'enum' | 'function', name, comment, members)."""
    pattern = re.compile(
        r'(?:/\*(?P<comment>(?:(?!\*/).)*)\*/\n)?'
        r'(?:enum (?P<enum>\w+) \{(?P<values>.*?)\};'
        r'|typedef struct (?P<struct>\w+) \{(?P<fields>.*?)\} \w+;'
        r'|typedef (?P<result>[^;{]*?)\(\*(?P<function>\w+)\)\((?P<arguments>[^;]*?)\);)', re.S)
    for m in pattern.finditer(header):
        comment = text_of(m['comment'] or '')
        if m['enum']:
            yield 'enum', m['enum'], comment, statements(m['values'], ',')
        elif m['struct']:
            members = [(kind, name, note) for declaration, note in statements(m['fields'], ';')
                       for kind, name in fields_of(declaration)]
            yield 'struct', m['struct'], comment, members
        else:
            arguments = ' '.join(m['arguments'].split())
            yield 'function', m['function'], comment, f"{m['result'].strip()} (*)({arguments})"


def measured(parts):
    """What the compiler says: sizes of structs, (offset, size) of fields, values of enums, by name."""
    lines = []
    for what, name, _, members in parts:
        if what == 'struct':
            lines.append(f'printf("{name} %zu 0\\n", sizeof({name}));')
            lines += [f'printf("{name}.{field} %zu %zu\\n", offsetof({name}, {field}), sizeof((({name}*)0)->{field}));'
                      for _, field, _ in members]
        elif what == 'enum':
            values = [code.split()[0] for code, _ in members]
            lines += [f'printf("{value} %ld 0\\n", (long){value});' for value in values]
    program = '#include <stdio.h>\n#include "abi.h"\nint main(void) {\n' + '\n'.join(lines) + '\nreturn 0;\n}\n'
    with tempfile.TemporaryDirectory() as folder:
        source, binary = f'{folder}/layout.c', f'{folder}/layout'
        pathlib.Path(source).write_text(program)
        subprocess.run([os.environ.get('CC', 'cc'), f'-I{HEADER.parent}', source, '-o', binary], check=True)
        output = subprocess.run([binary], check=True, capture_output=True, text=True).stdout
    return {name: (int(a), int(b)) for name, a, b in (line.split() for line in output.splitlines())}


def cell(text):
    return text.replace('|', '\\|')


def page_of(header):
    parts = list(parse(header))
    numbers = measured(parts)
    macro = dict(re.findall(r'#define (IRONLAW_ABI_\w+) (\d+)u', header))
    out = [f"# The ABI, version {macro['IRONLAW_ABI_MAJOR']}.{macro['IRONLAW_ABI_MINOR']}", '',
           'Generated by `.ci/abi_docs.py` from `framework/sdk/ironlaw/abi.h`; a test holds the two together. Offsets '
           'and sizes are in bytes, with 64-bit pointers. What may change is in [versioning.md](versioning.md).', '']
    out += [line.strip() for line in re.sub(r'^ \* ?', '', COMMENT.search(header)[1], flags=re.M).strip().splitlines()]
    out += ['', '## Constants', '', '| name | value | |', '|---|---|---|']
    for comment, name, value in re.findall(
            r'(?:/\*((?:(?!\*/).)*)\*/\n)?#define (IRONLAW_\w+) ("\w+"|\d+u|0x\w+u)', header, re.S):
        behind = re.search(rf'#define {name} \S+ /\*(.*?)\*/', header)
        out.append(f'| `{name}` | `{value}` | {cell(text_of(behind[1] if behind else comment))} |')
    for what, title in (('enum', 'Values'), ('struct', 'Structs'), ('function', 'Functions')):
        out += ['', f'## {title}']
        for kind, name, comment, members in parts:
            if kind != what:
                continue
            out += ['', f'### {name}', '']
            if comment:
                out += [comment, '']
            if kind == 'enum':
                out += ['| value | name | |', '|---|---|---|']
                out += [f'| {numbers[code.split()[0]][0]} | `{code.split()[0]}` | {cell(note)} |'
                        for code, note in members]
            elif kind == 'struct':
                out += [f'{numbers[name][0]} bytes.', '', '| offset | size | field | type | |', '|---|---|---|---|---|']
                for field_type, field, note in members:
                    offset, size = numbers[f'{name}.{field}']
                    out.append(f'| {offset} | {size} | `{field}` | `{cell(field_type)}` | {cell(note)} |')
            else:
                out.append(f'`{members}`')
    return '\n'.join(out) + '\n'


def main():
    page = page_of(HEADER.read_text())
    if sys.argv[1:] == ['--check']:
        current = PAGE.read_text() if PAGE.exists() else ''
        sys.stdout.writelines(difflib.unified_diff(current.splitlines(True), page.splitlines(True), 'docs/abi.md', 'abi.h'))
        if current != page:
            sys.exit('docs/abi.md is not what abi.h says; .ci/abi_docs.py writes it anew.')
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        PAGE.write_text(page)


main()
