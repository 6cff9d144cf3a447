package touch

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"hallkiosk/assets"
)

// Theme gives Fyne the two bundled fonts. There is one theme for the life of the
// program and no override anywhere: each further theme or text style would parse
// a font of nine megabytes again.
type Theme struct{ regular, bold fyne.Resource }

// NewTheme returns the theme of the terminal.
func NewTheme() *Theme {
	return &Theme{
		regular: fyne.NewStaticResource("NotoSansCJKsc-Regular.otf", assets.FontRegular),
		bold:    fyne.NewStaticResource("NotoSansCJKsc-Bold.otf", assets.FontBold),
	}
}

// Font returns one of two fonts, whatever else the style asks for.
func (t *Theme) Font(s fyne.TextStyle) fyne.Resource {
	if s.Bold {
		return t.bold
	}
	return t.regular
}

// Color answers for what Fyne itself draws, which is the window's background;
// everything else carries its own colour.
func (t *Theme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if name == theme.ColorNameBackground {
		return NormalPalette().Page
	}
	return theme.DefaultTheme().Color(name, theme.VariantLight)
}

// Icon is Fyne's own; no page shows one.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return theme.DefaultTheme().Icon(name)
}

// Size removes the padding around windows; widgets carry their own sizes.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	if name == theme.SizeNamePadding {
		return 0
	}
	return theme.DefaultTheme().Size(name)
}
