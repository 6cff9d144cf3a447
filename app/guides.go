package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/guide"
	"hallkiosk/app/guide/importer"
)

// guidesUsage are the subcommands of guides. They are for the hall's own staff, and
// speak Chinese.
const guidesUsage = `Usage of guides（办事指南）:
  check    [-all] [-hall 大厅.toml] 文件…           检查，按规则归类列出问题；有错误时退出码为 1
  import   -hall 大厅.toml [-skip-bad] 文件         检查后换上大厅正在用的目录，终端几秒内更新
  export   [-format toml|json|xlsx|csv] [-to 新文件] 文件
                                                   转换格式；用 -hall 代替文件，写出正在用的目录
  diff     旧文件 新文件                            比较两份目录，逐栏列出改动
  misses   -hall 大厅.toml [-days N]               群众搜了却没有搜到的说法
  template -to 模板.xlsx                           写一份 Excel 模板，带填写说明和下拉列表
  fields                                           映射文件里可以写的栏目

文件可以是 TOML、JSON、Excel（.xlsx）、CSV，或放着这些文件的文件夹。
表格标题和常见的不一样时，用 -mapping 映射.toml 写明。

例：
  hallcentral guides template -to 指南.xlsx
  hallcentral guides check 指南.xlsx
  hallcentral guides import -hall 大厅.toml 指南.xlsx
  hallcentral guides export -hall 大厅.toml -to 备份.xlsx
  hallcentral guides diff 备份.xlsx 指南.xlsx
`

// runGuides checks, converts and puts to use catalogues of service guides.
func runGuides(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		return usageError{errors.New("写明做什么：check、import、export、diff、misses、template 或 fields")}
	}
	g := guides{set: flag.NewFlagSet("guides "+args[0], flag.ContinueOnError), args: args[1:], std: std}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		_, err := fmt.Fprint(std.out, guidesUsage)
		return err
	case "check":
		return g.check()
	case "import":
		return g.load(ctx)
	case "export":
		return g.export(ctx)
	case "diff":
		return g.diff()
	case "misses":
		return g.misses(ctx)
	case "template":
		return g.template()
	case "fields":
		for _, f := range importer.Fields() {
			fmt.Fprintf(std.out, "%-20s %s\n", f[0], strings.Join(strings.Fields(f[1]), "、"))
		}
		return nil
	}
	return usageError{fmt.Errorf("%q：应是 check、import、export、diff、misses、template 或 fields", args[0])}
}

// guides is one call of the command.
type guides struct {
	set     *flag.FlagSet
	args    []string
	std     stdio
	mapping string
	all     bool
	skipBad bool
	halls   fileList
	where   database
	options importer.Options
}

// The options that several subcommands have.
func (g *guides) reads() {
	g.set.StringVar(&g.mapping, "mapping", "", "映射`文件`：表格的标题是什么意思")
	g.set.BoolVar(&g.all, "all", false, "每一处问题都列出来")
}

func (g *guides) skips() {
	g.set.BoolVar(&g.skipBad, "skip-bad", false, "有错误的事项留下不要，其余照办")
}

func (g *guides) hall() { g.set.Var(&g.halls, "hall", "大厅`文件`") }

// parse reads the options. The hall, when one is given, says which businesses there
// are.
func (g *guides) parse() (proceed bool, err error) {
	if ok, err := parseFlags(g.set, g.args, g.std); !ok {
		return false, err
	}
	g.options.Today = time.Now()
	if g.mapping != "" {
		data, err := os.ReadFile(g.mapping)
		if err != nil {
			return false, err
		}
		m, problems := importer.ParseMapping(filepath.Base(g.mapping), data)
		for _, p := range problems {
			fmt.Fprintln(g.std.out, p)
		}
		if m == nil {
			return false, fmt.Errorf("%s：映射文件不能用", g.mapping)
		}
		g.options.Mapping = m
	}
	if len(g.halls) > 1 {
		return false, usageError{errors.New("只给一个大厅文件")}
	}
	if len(g.halls) == 1 {
		halls, err := g.halls.read(stdio{in: g.std.in, out: g.std.out, err: io.Discard}) // check says its warnings
		if err != nil {
			return false, err
		}
		g.options.Businesses = []string{}
		for _, b := range halls[0].Businesses {
			g.options.Businesses = append(g.options.Businesses, b.ID)
		}
	}
	return true, nil
}

// read reads a catalogue and says what is wrong with it. The error is that some
// guides cannot be used, unless skipBad allows it, or that none can.
func (g *guides) read(path string, w io.Writer) (*guide.Catalogue, importer.Counts, error) {
	c, problems, counts, err := importer.Read(path, g.options)
	g.report(w, problems, counts)
	if err != nil {
		return nil, counts, err
	}
	fmt.Fprintf(w, "%s：读到 %d 个事项，可用 %d 个（其中 %d 个有提醒），不能用 %d 个；%d 处错误，%d 处提醒。\n",
		path, counts.Read, counts.Accepted, counts.Warned, counts.Refused, counts.Errors(), counts.Warnings())
	switch {
	case counts.Accepted == 0:
		return nil, counts, fmt.Errorf("%s：没有可用的事项", path)
	case counts.Errors() > 0 && !g.skipBad:
		return c, counts, fmt.Errorf("%s：有 %d 处错误", path, counts.Errors())
	}
	return c, counts, nil
}

// examples is how many problems of a rule are shown without -all.
const examples = 3

// report lists problems rule by rule. Errors that make a guide unusable are all
// listed: each names what somebody has to mend.
func (g *guides) report(w io.Writer, problems []guide.Problem, counts importer.Counts) {
	if len(counts.Rules) == 0 { // the file as a whole
		for _, p := range problems {
			fmt.Fprintln(w, p)
		}
		return
	}
	for _, r := range counts.Rules {
		kind, most := "错误", 50
		if r.Warning {
			kind, most = "提醒", examples
		}
		if g.all {
			most = r.Count
		}
		fmt.Fprintf(w, "%s  %s：%d 处\n", kind, r.Rule, r.Count)
		shown := 0
		for _, p := range problems {
			if p.Rule != r.Rule || p.Warning != r.Warning {
				continue
			}
			if shown++; shown > most {
				fmt.Fprintf(w, "    还有 %d 处，加 -all 全部列出。\n", r.Count-most)
				break
			}
			fmt.Fprintf(w, "    %s\n", p)
		}
	}
}

func (g *guides) check() error {
	g.reads()
	g.hall()
	if ok, err := g.parse(); !ok {
		return err
	}
	if g.set.NArg() == 0 {
		return usageError{errors.New("没有给要检查的文件")}
	}
	wrong := 0
	for _, path := range g.set.Args() {
		if _, _, err := g.read(path, g.std.out); err != nil {
			wrong++
			if errors.Is(err, os.ErrNotExist) || g.set.NArg() == 1 {
				return err
			}
			fmt.Fprintln(g.std.out, err)
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d 个文件里有 %d 个要改", g.set.NArg(), wrong)
	}
	return nil
}

// load puts a catalogue to use.
func (g *guides) load(ctx context.Context) error {
	g.reads()
	g.skips()
	g.hall()
	g.where.flags(g.set)
	if ok, err := g.parse(); !ok {
		return err
	}
	if len(g.halls) != 1 || g.set.NArg() != 1 {
		return usageError{errors.New("用 -hall 给出大厅文件，再给一个办事指南文件或文件夹")}
	}
	c, counts, err := g.read(g.set.Arg(0), g.std.out)
	if err != nil {
		hint := "正在用的目录没有变；改好后再导入，或加 -skip-bad 留下有错误的事项不要。"
		if counts.Accepted == 0 {
			hint = "正在用的目录没有变。"
		}
		return hintedError{err, hint}
	}
	return operate(ctx, &g.where, g.halls, g.std, func(a central.Admin, config central.Config) error {
		id := config.Halls[0].ID
		running, err := a.Guides(ctx, id)
		if err != nil {
			return err
		}
		if running.Revision() == c.Revision() {
			fmt.Fprintln(g.std.out, "和正在用的目录完全相同，不用换。")
			return nil
		}
		g.differences(running, c, g.all)
		revision, err := a.ImportGuides(ctx, id, c)
		if refused, ok := errors.AsType[*central.GuidesRefused](err); ok {
			for _, p := range refused.Problems {
				if !p.Warning {
					fmt.Fprintln(g.std.out, p)
				}
			}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(g.std.out, "已换上：%d 个事项，版本 %.12s。\n", len(c.Guides), revision)
		return nil
	})
}

// export writes a catalogue in another format.
func (g *guides) export(ctx context.Context) error {
	g.reads()
	g.skips()
	g.hall()
	g.where.flags(g.set)
	format := g.set.String("format", "", "`格式`：toml、json、xlsx 或 csv；缺省看 -to 的扩展名")
	to := g.set.String("to", "", "要写的`新文件`；不写就输出到屏幕")
	if ok, err := g.parse(); !ok {
		return err
	}
	if *format == "" {
		*format = strings.TrimPrefix(strings.ToLower(filepath.Ext(*to)), ".")
	}
	switch f := importer.Format(*format); {
	case f != importer.TOML && f != importer.JSON && f != importer.Excel && f != importer.CSV:
		return usageError{errors.New("用 -format 写明格式：toml、json、xlsx 或 csv")}
	case f == importer.Excel && *to == "":
		return usageError{errors.New("写 Excel 时用 -to 给出新文件的名字")}
	case len(g.halls) == 1 && g.set.NArg() > 0, len(g.halls) == 0 && g.set.NArg() != 1:
		return usageError{errors.New("给一个办事指南文件，或用 -hall 写出正在用的目录")}
	}
	var c *guide.Catalogue
	var err error
	if len(g.halls) == 1 {
		err = operate(ctx, &g.where, g.halls, g.std, func(a central.Admin, config central.Config) error {
			c, err = a.Guides(ctx, config.Halls[0].ID)
			return err
		})
	} else {
		c, _, err = g.read(g.set.Arg(0), g.std.err)
	}
	if err != nil {
		return err
	}
	if *to == "" {
		return importer.Write(g.std.out, importer.Format(*format), c)
	}
	return writeNew(*to, func(w io.Writer) error { return importer.Write(w, importer.Format(*format), c) })
}

// writeNew writes a file that must not exist yet, and leaves none behind that is not
// whole.
func writeNew(path string, write func(io.Writer) error) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if errors.Is(err, os.ErrExist) {
		return hintedError{err, "已有的文件不会覆盖：换一个名字，或先把它移走。"}
	}
	if err != nil {
		return err
	}
	if err := errors.Join(write(out), out.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (g *guides) template() error {
	to := g.set.String("to", "", "要写的`新文件`，扩展名 .xlsx")
	if ok, err := g.parse(); !ok {
		return err
	}
	if *to == "" || g.set.NArg() > 0 {
		return usageError{errors.New("用 -to 给出新文件的名字")}
	}
	data, err := importer.Template()
	if err != nil {
		return err
	}
	if err := writeNew(*to, func(w io.Writer) error { _, err := w.Write(data); return err }); err != nil {
		return err
	}
	fmt.Fprintf(g.std.out, "%s 已写好。填好后先检查：%s guides check %s\n", *to, programName, *to)
	return nil
}

func (g *guides) diff() error {
	g.reads()
	if ok, err := g.parse(); !ok {
		return err
	}
	if g.set.NArg() != 2 {
		return usageError{errors.New("给两个文件：旧的和新的")}
	}
	g.skipBad = true // what is wrong is check's to say; here only who is left out
	var both [2]*guide.Catalogue
	for i, path := range g.set.Args() {
		c, counts, err := g.read(path, io.Discard)
		if err != nil {
			return err
		}
		if counts.Refused > 0 {
			fmt.Fprintf(g.std.err, "%s：%d 个事项有错误，没有比较；用 guides check 查看。\n", path, counts.Refused)
		}
		both[i] = c
	}
	if both[0].Revision() == both[1].Revision() {
		fmt.Fprintln(g.std.out, "两份完全相同。")
		return nil
	}
	g.differences(both[0], both[1], true)
	return nil
}

// differences says what is new, gone and changed; fields only when asked for.
func (g *guides) differences(was, is *guide.Catalogue, fields bool) {
	w := g.std.out
	var added, gone, changed int
	before := map[string]*guide.Guide{}
	for i := range was.Guides {
		before[was.Guides[i].ID] = &was.Guides[i]
	}
	for i := range is.Guides {
		now := &is.Guides[i]
		old, ok := before[now.ID]
		delete(before, now.ID)
		switch {
		case !ok:
			added++
			if fields || added <= 20 {
				fmt.Fprintf(w, "新增  《%s》（%s，%s）\n", now.Name, now.Department, now.ID)
			}
		case old.Hash() != now.Hash():
			changed++
			changes := importer.Changes(old, now)
			if fields {
				fmt.Fprintf(w, "修改  《%s》（%s）\n", now.Name, now.ID)
				for _, c := range changes {
					fmt.Fprintf(w, "    %s\n", inWords(c))
				}
			} else if changed <= 20 {
				var names []string
				for _, c := range changes {
					field, _, _ := strings.Cut(c.Field, "《") // 材料《居民身份证》复印件份数: 材料
					if !slices.Contains(names, field) {
						names = append(names, field)
					}
				}
				fmt.Fprintf(w, "修改  《%s》：%s\n", now.Name, strings.Join(names, "、"))
			}
		}
	}
	for i := range was.Guides {
		if old := &was.Guides[i]; before[old.ID] != nil {
			gone++
			fmt.Fprintf(w, "删去  《%s》（%s，%s）\n", old.Name, old.Department, old.ID) // all: it is the one that hurts
		}
	}
	rest := ""
	if !fields && (added > 20 || changed > 20) {
		rest = "（每类只列前 20 个，加 -all 全部列出）"
	}
	head := guide.Diff(was, is)
	if head.Order != nil && added == 0 && gone == 0 {
		rest += "次序有变。"
	}
	if was.Sample != is.Sample || was.Source != is.Source || strings.Join(was.Synonyms, "\n") != strings.Join(is.Synonyms, "\n") {
		rest += "目录的示例标记、来源或常用说法有变。"
	}
	fmt.Fprintf(w, "新增 %d 个，修改 %d 个，删去 %d 个。%s\n", added, changed, gone, rest)
}

// inWords is a change on one line.
func inWords(c importer.Change) string {
	text := func(s string) string {
		s = strings.ReplaceAll(strings.TrimSpace(s), "\n", "／")
		if r := []rune(s); len(r) > 60 {
			s = string(r[:60]) + "…"
		}
		return s
	}
	switch {
	case c.Was == "":
		return fmt.Sprintf("%s：加了“%s”", c.Field, text(c.Is))
	case c.Is == "":
		return fmt.Sprintf("%s：去掉了“%s”", c.Field, text(c.Was))
	}
	return fmt.Sprintf("%s：“%s”改为“%s”", c.Field, text(c.Was), text(c.Is))
}

// misses lists what people looked for and did not find.
func (g *guides) misses(ctx context.Context) error {
	g.hall()
	g.where.flags(g.set)
	days := g.set.Int("days", 30, "最近`几天`")
	if ok, err := g.parse(); !ok {
		return err
	}
	if len(g.halls) != 1 || g.set.NArg() > 0 || *days < 1 {
		return usageError{errors.New("用 -hall 给出大厅文件；-days 至少 1")}
	}
	return operate(ctx, &g.where, g.halls, g.std, func(a central.Admin, config central.Config) error {
		list, err := a.GuideMisses(ctx, config.Halls[0].ID, *days)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintf(g.std.out, "最近 %d 天没有搜不到的说法。\n", *days)
			return nil
		}
		w := tabwriter.NewWriter(g.std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "次数\t最近\t搜的是")
		for _, m := range list {
			fmt.Fprintf(w, "%d\t%s\t%s\n", m.Count, m.Last, m.Text)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		_, err = fmt.Fprintln(g.std.out, "常有人搜的，给事项加上别名，或在目录的常用说法（synonyms）里加一行：说法 = 正式名称。")
		return err
	})
}
