/// How a report looks: on a screen or a telephone, by day or night, on paper.
///
/// The two colours of curves and cells, blue and orange, are told apart in any kind of colour blindness (Okabe and Ito,
/// "Color Universal Design", 2008); curves differ in their dashes, too.
enum ReportStyle {
    static let text = colors + layout + tables + charts + pictures + paper

    private static let colors = #"""
        :root{--bg:#fff;--fg:#1c2024;--muted:#59636e;--line:#dfe3e8;--card:#f6f7f9;--link:#0a5cab;
        --a:#0072b2;--b:#c2500a;--c:#00785a;--hit:0 114 178;--miss:230 130 20;color-scheme:light}
        :root[data-theme=dark]{--bg:#13161a;--fg:#e7eaed;--muted:#a0abb6;--line:#2d343c;--card:#1b2026;--link:#7cc0ff;
        --a:#5ab4f0;--b:#f0a345;--c:#35c79b;--hit:64 150 215;--miss:225 140 40;color-scheme:dark}
        @media (prefers-color-scheme:dark){:root:not([data-theme=light]){--bg:#13161a;--fg:#e7eaed;--muted:#a0abb6;
        --line:#2d343c;--card:#1b2026;--link:#7cc0ff;--a:#5ab4f0;--b:#f0a345;--c:#35c79b;--hit:64 150 215;
        --miss:225 140 40;color-scheme:dark}}

        """#

    private static let layout = #"""
        *{box-sizing:border-box}
        html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
        body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
        "Noto Sans","DejaVu Sans",sans-serif}
        header,main,footer{max-width:1080px;margin:0 auto;padding:0 20px}
        header{padding-top:28px}
        .top{display:flex;justify-content:space-between;align-items:center;gap:12px}
        h1{font-size:28px;line-height:1.2;margin:0}
        h2{font-size:21px;line-height:1.3;margin:0 0 10px}
        h3{font-size:16px;margin:20px 0 8px}
        p{margin:0 0 10px}
        header p{margin:4px 0 14px}
        a{color:var(--link)}
        .skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px;z-index:9}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px;padding:10px 0;border-block:1px solid var(--line)}
        nav a{text-decoration:none}nav a:hover{text-decoration:underline}
        section{padding:30px 0 0;scroll-margin-top:8px}
        footer{padding-top:44px;padding-bottom:36px;font-size:14px;color:var(--muted)}
        .muted{color:var(--muted)}
        .name{overflow-wrap:anywhere;unicode-bidi:isolate}
        .path{overflow-wrap:anywhere;unicode-bidi:isolate;font-size:14px}
        code,pre{font:13.5px/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
        pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px;margin:0 0 8px;
        white-space:pre-wrap}
        button,input,textarea{font:inherit;color:inherit}
        button{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:5px 12px;cursor:pointer}
        button:hover{border-color:var(--muted)}
        :focus-visible{outline:2px solid var(--link);outline-offset:2px}
        #theme{font-size:18px;line-height:1;padding:8px 11px}
        textarea{width:100%;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px;
        font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;margin:8px 0}
        details{margin:14px 0}summary{cursor:pointer}
        .verdict{display:flex;gap:14px 36px;align-items:flex-start;background:var(--card);border:1px solid var(--line);
        border-radius:12px;padding:20px 24px}
        .score{font-size:17px;line-height:1.1;white-space:nowrap;margin:2px 0 0}
        .score strong{display:block;font-size:42px;letter-spacing:-.02em;font-weight:650}
        .words{flex:1;min-width:0}.words>:last-child{margin-bottom:0}
        .gauge{position:relative;height:12px;border-radius:6px;background:var(--line);margin:16px 0 6px}
        .gauge i{position:absolute;top:0;bottom:0}
        .band{background:var(--a);opacity:.38;border-radius:6px}
        .point{width:4px;margin-left:-2px;background:var(--a);top:-4px!important;bottom:-4px!important;border-radius:2px}
        .gauge .base{width:0;border-left:2px dashed var(--b);top:-6px;bottom:-6px}
        .scale{display:flex;justify-content:space-between;gap:10px;font-size:13px;color:var(--muted)}
        .keys{display:flex;flex-wrap:wrap;justify-content:center;gap:0 14px}.keys span{white-space:nowrap}
        .scale .key{position:static;margin-left:0}.key.base{width:0;height:12px;border:0;border-left:2px dashed var(--b)}
        .key.band{height:10px;width:18px;border:0}.key.point{height:14px;width:4px;border:0}
        .suggestions{list-style:none;padding:0;margin:0;display:grid;gap:8px}
        .suggestions li{display:flex;gap:6px 20px;justify-content:space-between;align-items:baseline;
        border-left:3px solid var(--b);padding:2px 0 2px 14px}
        .suggestions p{margin:0}
        .option{white-space:nowrap}
        .rule{color:var(--muted);white-space:nowrap;font-size:12.5px}
        .remarks{margin:10px 0 0;padding-left:20px;color:var(--muted)}
        .choice{display:inline-flex;margin:0 0 12px}
        .choice button{border-radius:0}.choice button:first-child{border-radius:8px 0 0 8px}
        .choice button:last-child{border-radius:0 8px 8px 0;border-left:0}
        .choice [aria-pressed=true]{background:var(--link);border-color:var(--link);color:var(--bg)}
        @media (max-width:640px){header,main,footer{padding-left:16px;padding-right:16px}h1{font-size:24px}
        .verdict{flex-direction:column;padding:16px}.words{width:100%}.suggestions li{display:block}
        nav{flex-wrap:nowrap;overflow-x:auto;white-space:nowrap}}

        """#

    private static let tables = #"""
        .scroll{overflow-x:auto}.tall{max-height:420px;overflow-y:auto}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{padding:6px 12px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
        th{font-weight:600}
        .n{text-align:right;white-space:nowrap}
        thead th{font-size:14px;color:var(--muted);white-space:nowrap}
        .facts th{font-weight:400;color:var(--muted);padding-left:0;white-space:nowrap}
        .facts td{overflow-wrap:anywhere}
        .facts .changed td{font-weight:600}
        .sortable{width:100%}
        .sortable thead th{padding:0}
        .sortable thead button{border:0;background:none;font:inherit;color:inherit;padding:6px 12px;border-radius:4px;
        white-space:nowrap}
        .sortable [aria-sort] button::after{content:" ↑"}.sortable [aria-sort=descending] button::after{content:" ↓"}
        .sortable tbody th{min-width:96px}
        .sortable tfoot th,.sortable tfoot td{border-bottom:0;white-space:nowrap;color:var(--muted);font-weight:400}
        .bar{background:linear-gradient(90deg,rgb(var(--hit)/.2) var(--w),transparent var(--w)) no-repeat 6px 4px/
        calc(100% - 12px) calc(100% - 9px)}
        .matrix{border-collapse:separate;border-spacing:2px;font-size:15px}
        .matrix th,.matrix td{border:0;padding:0;text-align:center;vertical-align:middle}
        .matrix tbody th{text-align:right;padding-right:10px;font-weight:400;max-width:220px}
        .matrix thead th{vertical-align:bottom;padding:0 4px 4px;font-weight:400;max-width:110px;white-space:normal;
        font-size:14px;color:inherit}
        .matrix td{min-width:58px;height:42px;border-radius:5px;background:var(--card)}
        .matrix thead td{background:none}
        .matrix .none{color:var(--muted)}
        .matrix .hit{background:rgb(var(--hit)/var(--s))}.matrix .miss{background:rgb(var(--miss)/var(--s))}
        .matrix button{display:block;width:100%;height:42px;border:0;background:none;padding:0 6px;border-radius:5px}
        .matrix button:hover,.matrix button[aria-expanded=true]{box-shadow:inset 0 0 0 2px var(--fg)}
        .matrix.counts .share,.matrix.shares .count{display:none}
        .matrix.dense td{min-width:34px;height:30px}.matrix.dense button{height:30px}
        #cell{margin-top:14px}
        #cell:not(:empty){background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 18px}
        #cell h3{margin-top:0}
        .small{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:12px;padding:0;margin:0;
        list-style:none}
        .small img{width:96px;height:96px;border-radius:6px;display:block}
        .small span{display:block;font-size:12.5px;line-height:1.35;overflow-wrap:anywhere}
        .link{border:0;background:none;color:var(--link);padding:0;text-decoration:underline}
        .search{display:block;margin:18px 0 8px}
        .search input{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:5px 10px;width:220px;
        max-width:100%}
        .histogram{width:100%;table-layout:fixed}.histogram th{width:26%;font-weight:400;padding-left:0}
        .histogram td{padding:4px 0}
        .count-bar{display:flex;align-items:center;gap:8px;font-size:13px;line-height:1.35;padding-right:52px}
        .count-bar i{height:10px;width:var(--w);min-width:1px;border-radius:2px;background:var(--a);flex:none}
        .count-bar.b i{background:var(--b)}
        .suspects img{width:56px;height:56px;border-radius:6px;display:block}
        .suspects td{vertical-align:middle}
        .suspects .path{min-width:150px}
        @media (max-width:640px){th,td{padding:6px 8px}.sortable thead button{padding:6px 8px}
        .facts:not(.options) th,.facts:not(.options) td{display:block;padding:0}
        .facts:not(.options) th{border:0;padding-top:8px;font-size:14px}
        .facts:not(.options) td{padding-bottom:8px}.facts:not(.options){width:100%}
        .histogram th{width:34%}}

        """#

    private static let charts = #"""
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,320px),1fr));gap:18px 24px}
        .chart{margin:0;min-width:0}
        .chart figcaption{font-weight:600;display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 12px}
        .legend{font-weight:400;font-size:14px;color:var(--muted);min-width:0;overflow-wrap:anywhere}
        .legend>span{display:inline-block}
        .key{display:inline-block;vertical-align:middle;width:20px;height:0;border-top:2.5px solid;margin:0 5px 0 10px}
        .key.a{border-color:var(--a);border-top-style:dashed}.key.b{border-color:var(--b)}.key.c{border-color:var(--c);border-top-style:dotted}.key.dots{border-top-style:dotted}
        .key.block.right{background:var(--a)}
        .key.block.wrong{background:repeating-linear-gradient(135deg,var(--b) 0 2.5px,var(--bg) 2.5px 5px)}
        .key.block{width:11px;height:11px;border:0;border-radius:2px}
        .key.block.a{background:var(--a)}.key.block.b{background:var(--b)}
        .chart svg{width:100%;height:auto;display:block;overflow:visible;touch-action:pan-y}
        .chart text{font-size:11.5px;fill:var(--muted);font-variant-numeric:tabular-nums}
        .chart .grid{stroke:var(--line)}
        .chart .best{stroke:var(--muted);stroke-dasharray:3 3}
        .chart polyline{fill:none;stroke-width:2;stroke-linejoin:round}
        .chart polyline.a{stroke:var(--a);stroke-dasharray:6 3}.chart polyline.b{stroke:var(--b)}
        .chart polyline.c{stroke:var(--c)}.chart polyline+polyline.c{stroke-dasharray:1.5 4;stroke-linecap:round}
        .chart .thaw{stroke:var(--muted);stroke-dasharray:1 4}
        .chart .right{fill:var(--a)}.chart .wrong{fill:url(#wrong)}
        .chart .ground{fill:var(--bg)}.chart .stripe{fill:var(--b)}
        .wide{max-width:440px}
        .chart circle.a{fill:var(--a)}.chart circle.b{fill:var(--b)}.chart circle.c{fill:var(--c)}
        .chart .cursor{stroke:var(--fg);visibility:hidden}.chart .cursor.on{visibility:visible}
        .chart .diagonal{stroke:var(--muted);stroke-dasharray:4 4}
        .chart .bin{fill:var(--a);fill-opacity:.35}
        .values{display:block;font-size:13.5px;color:var(--muted);min-height:1.5em;font-variant-numeric:tabular-nums}

        """#

    private static let pictures = #"""
        .pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(47%,176px),1fr));gap:20px 16px;
        margin-bottom:10px}
        .pictures figure{margin:0;min-width:0}
        .pictures img{width:100%;aspect-ratio:1;border-radius:8px;display:block;background:var(--card);
        image-rendering:auto}
        .pictures figcaption{font-size:14px;line-height:1.4;padding-top:6px}
        .pictures .path{font-size:12.5px;color:var(--muted)}
        .heat,.heat-only{display:none!important}
        #heat:checked~.pictures .heat,#heat:checked~.heat-only{display:block!important}
        #heat:checked~.pictures .heat+figcaption{padding-top:6px}
        #heat:checked~.pictures figure:has(.heat) .plain{display:none}
        #heat{width:18px;height:18px;vertical-align:-3px;margin:0 8px 0 0}#heat~p{margin-top:8px}

        """#

    private static let paper = #"""
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,340px),1fr));gap:18px 32px}
        .pair h3{margin-top:0}.reliability{max-width:280px}
        @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
        @media print{:root,:root[data-theme=dark]{--bg:#fff;--fg:#000;--muted:#444;--line:#ccc;--card:#fff;--link:#000;
        --a:#0072b2;--b:#c2500a;--c:#00785a;--hit:0 114 178;--miss:230 130 20;color-scheme:light}
        body{font-size:12px}nav,#theme,.choice,.search,[data-copy],.skip,#heat,#heat+label{display:none}
        *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
        section{break-inside:auto;padding-top:18px}figure,tr,.verdict,.suggestions li{break-inside:avoid}
        h2,h3{break-after:avoid}.scroll,.tall{overflow:visible;max-height:none}
        .pictures{grid-template-columns:repeat(6,1fr)}}

        """#
}
