begin
    if tg_op = 'TRUNCATE' then
        perform servery.tell(%1$L, null, null);
    elsif exists (select from touched) then
        perform servery.tell(%1$L, null, null);
    end if;
    return null;
end
