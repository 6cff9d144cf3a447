package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"hallkiosk/app/central"
	"hallkiosk/app/hall"
	"hallkiosk/app/rating"
)

// ratingsUsage is for the hall's own staff, and speaks Chinese.
const ratingsUsage = `Usage of ratings（好差评）:
  export -hall 大厅.toml -from 日期 -to 日期 [-format csv|json] [-scale 方向] [-file 新文件]
                                                   导出一段时间的评价，最多一年

日期是取号那天，写成 2026-11-01。不写 -file 就写到屏幕上。
满意程度的数字有两种方向，用 -scale 写明：
  five-is-best   5 是非常满意，1 是非常不满意：各省评价接口（不写就是这一种）
  one-is-best    1 是非常满意，5 是非常不满意：GB/T 39046 附录 A.8
里面没有姓名和证件号；匿名评价没有号码和时刻。

例：
  hallcentral ratings export -hall 大厅.toml -from 2026-11-01 -to 2026-11-30 -file 十一月.csv
`

// runRatings exports ratings.
func runRatings(ctx context.Context, args []string, std stdio) error {
	if len(args) == 0 {
		return usageError{errors.New("写明做什么：export")}
	}
	switch args[0] {
	case "-h", "-help", "--help", "help":
		_, err := fmt.Fprint(std.out, ratingsUsage)
		return err
	case "export":
	default:
		return usageError{fmt.Errorf("%q：应是 export", args[0])}
	}
	fs := flag.NewFlagSet("ratings export", flag.ContinueOnError)
	var halls fileList
	fs.Var(&halls, "hall", "大厅`文件`")
	var where database
	where.flags(fs)
	var e central.RatingExport
	fs.StringVar(&e.From, "from", "", "从`哪天`，2026-11-01")
	fs.StringVar(&e.To, "to", "", "到`哪天`，2026-11-30")
	fs.StringVar(&e.Format, "format", "csv", "`格式`：csv 或 json")
	scale := fs.String("scale", string(rating.FiveIsBest), "数字的`方向`：five-is-best 或 one-is-best")
	file := fs.String("file", "", "要写的`新文件`；不写就写到屏幕上")
	if ok, err := parseFlags(fs, args[1:], std); !ok {
		return err
	}
	if len(halls) != 1 || fs.NArg() > 0 {
		return usageError{errors.New("用 -hall 给出一个大厅文件")}
	}
	for _, day := range []string{e.From, e.To} {
		if _, err := time.Parse(hall.DateLayout, day); err != nil {
			return usageError{errors.New("用 -from 和 -to 给出日期，写成 2026-11-01")}
		}
	}
	e.Scale = rating.Scale(*scale)
	if _, known := e.Scale.Number(rating.Satisfied); !known || e.Format != "csv" && e.Format != "json" {
		return usageError{errors.New("-format 是 csv 或 json，-scale 是 five-is-best 或 one-is-best")}
	}
	return operate(ctx, &where, halls, std, func(a central.Admin, c central.Config) error {
		write := func(w io.Writer) error { return a.ExportRatings(ctx, c.Halls[0].ID, e, w) }
		if *file == "" {
			return write(std.out)
		}
		return writeNew(*file, write)
	})
}
