MANPAGES_RST = \
	man/org.virtstop1.5.rst \
	man/virtstop-guests.8.rst \
	man/virtstop-hooks.5.rst \
	man/virtstop-libvirt-guests.8.rst \
	man/virtstop-ups.7.rst \
	man/virtstop.conf.5.rst \
	man/virtstopctl.1.rst \
	man/virtstopd.8.rst
EXTRA_DIST += $(MANPAGES_RST)

if HAVE_RST2MAN
man_MANS += $(MANPAGES_RST:.rst=)
endif
CLEANFILES += $(MANPAGES_RST:.rst=)

# No word is hyphenated, so that commands and names are found, and copied, as they are; but in a table a long one may have to be.
SUFFIXES = .rst
%: %.rst
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(RST2MAN) --strict $< $@.part && \
		$(AWK) '/^\.TS/ { print ".hy" } { print } /^\.(TH |TE)/ { print ".nh" }' $@.part >$@ && rm $@.part
