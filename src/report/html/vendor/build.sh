#!/usr/bin/env bash
# Makes echarts.min.js anew from the pinned packages, with their licences beside it. Needs npm and the network; nothing else
# of the project does. The same versions give the same bytes: `git diff` shows whether they did.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --save-exact echarts@6.1.0 zrender@6.1.0 tslib@2.3.0 esbuild@0.28.2
cp "$here/entry.js" entry.js
{
  echo "/*! Apache ECharts 6.1.0, only the parts that entry.js names. Licensed under the Apache License, Version 2.0:"
  echo "https://www.apache.org/licenses/LICENSE-2.0"
  cat node_modules/echarts/NOTICE
  printf '\n\nIn it, zrender 6.1.0:\n'
  cat node_modules/zrender/LICENSE
  printf '\nIn its util/number.js, parts of d3 (BSD 3-Clause):\n'
  cat node_modules/echarts/licenses/LICENSE-d3
  printf '\nIn it, tslib 2.3.0 (0BSD), Copyright (c) Microsoft Corporation.\n*/\n'
} > banner.txt
npx --no-install esbuild entry.js --bundle --minify --format=iife --global-name=echarts --target=es2022 \
  --charset=ascii --legal-comments=none --outfile=bundle.js --log-level=warning
cat banner.txt bundle.js > "$here/echarts.min.js"
cp node_modules/echarts/LICENSE "$here/LICENSE-echarts"
cp node_modules/echarts/NOTICE "$here/NOTICE-echarts"
cp node_modules/echarts/licenses/LICENSE-d3 "$here/LICENSE-d3"
cp node_modules/zrender/LICENSE "$here/LICENSE-zrender"
cp node_modules/tslib/LICENSE.txt "$here/LICENSE-tslib"
sha256sum "$here/echarts.min.js"
