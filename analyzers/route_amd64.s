#include "textflag.h"

// What a byte is, is told by two tables, one of its low and one of its high four bits: it is what both
// have in common. 80: a digit; 40: a letter that hex digits have; 01, 02, 04: another letter or the
// underscore; 08: the hyphen.
DATA halves<>+0(SB)/8, $0x87c6c6c6c6c6c686
DATA halves<>+8(SB)/8, $0x0301090101078787
DATA halves<>+16(SB)/8, $0x0441024180080000
DATA halves<>+24(SB)/8, $0
GLOBL halves<>(SB), RODATA|NOPTR, $32

// 0f, 4f, and / ? . - _
DATA single<>+0(SB)/8, $0x005f2d2e3f2f4f0f
GLOBL single<>(SB), RODATA|NOPTR, $8

// CLASSES makes of 32 bytes of text their classes.
#define CLASSES(text, classes) \
	VPSHUFB text, Y0, classes      \
	VPSRLW $4, text, Y10           \
	VPAND Y2, Y10, Y10             \
	VPSHUFB Y10, Y1, Y10           \
	VPAND Y10, classes, classes

// MASK stores the high bits of the bytes of two vectors.
#define MASK(first, second, at) \
	VPMOVMSKB first, AX  \
	VPMOVMSKB second, CX \
	SHLQ $32, CX         \
	ORQ AX, CX           \
	MOVQ CX, at(DI)

// EQUAL stores which bytes of the text in Y5 and Y6 are those of a register.
#define EQUAL(byte, at) \
	VPCMPEQB byte, Y5, Y10 \
	VPCMPEQB byte, Y6, Y11 \
	MASK(Y10, Y11, at)

// func maskPath(m *pathMasks, text *byte)
TEXT ·maskPath(SB), NOSPLIT, $0-16
	MOVQ m+0(FP), DI
	MOVQ text+8(FP), SI
	VBROADCASTI128 halves<>+0(SB), Y0
	VBROADCASTI128 halves<>+16(SB), Y1
	VPBROADCASTB single<>+0(SB), Y2
	VMOVDQU (SI), Y5
	VMOVDQU 32(SI), Y6
	CLASSES(Y5, Y7)
	CLASSES(Y6, Y8)
	MASK(Y7, Y8, 0)
	VPSLLW $1, Y7, Y10
	VPSLLW $1, Y8, Y11
	MASK(Y10, Y11, 8)
	VPBROADCASTB single<>+1(SB), Y2
	VPXOR Y3, Y3, Y3
	VPAND Y2, Y7, Y7
	VPAND Y2, Y8, Y8
	VPCMPEQB Y3, Y7, Y7
	VPCMPEQB Y3, Y8, Y8
	MASK(Y7, Y8, 16)
	VPBROADCASTB single<>+2(SB), Y2
	EQUAL(Y2, 24)
	VPBROADCASTB single<>+3(SB), Y2
	EQUAL(Y2, 32)
	VPBROADCASTB single<>+4(SB), Y2
	EQUAL(Y2, 40)
	VPBROADCASTB single<>+5(SB), Y2
	VPBROADCASTB single<>+6(SB), Y3
	VPCMPEQB Y2, Y5, Y7
	VPCMPEQB Y2, Y6, Y8
	VPCMPEQB Y3, Y5, Y5
	VPCMPEQB Y3, Y6, Y6
	VPOR Y5, Y7, Y5
	VPOR Y6, Y8, Y6
	MASK(Y5, Y6, 48)
	VZEROUPPER
	RET
